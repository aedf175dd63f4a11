"""A hub on a database of its own, whose log grows, is exported, is tampered with and is checked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, text

from gateway.embedded.postgres import Postgres
from gateway.exchange.audit.export_log import log_rows
from gateway.exchange.audit.integrate_log import Integrated, integrate
from gateway.exchange.audit.log_key import log_key
from gateway.exchange.hub import Hub, open_hub
from gateway.store import access_log
from gateway.store.access_log import Entry
from gateway.store.engine import open_engine, transaction
from gateway.transparency.verify_log import verify
from tests.integration.streams.world import settings_for

BEGIN = datetime(2026, 11, 22, 9, tzinfo=UTC)
ACTS = ("read", "search", "key_release", "consent_given", "consent_withdrawn", "evaluation")


class Log:
    """The log of one hub and its clock."""

    def __init__(self, hub: Hub, superuser: Engine) -> None:
        self.hub = hub
        self.superuser = superuser
        self.at = BEGIN
        self.written = 0

    @property
    def key(self) -> str:
        return str(log_key(self.hub).verifier)

    def write(self, count: int, *, child: UUID | None = None, together: int = 1) -> None:
        """Write lines, so many in each transaction."""
        for first in range(0, count, together):
            with transaction(self.hub.engine) as tx:
                made = [self.entry(child) for _ in range(min(together, count - first))]
                access_log.append(tx, *made)

    def entry(self, child: UUID | None = None) -> Entry:
        self.at += timedelta(seconds=1)
        self.written += 1
        return Entry(
            at=self.at,
            act=ACTS[self.written % len(ACTS)],
            actor=f"person/{uuid4()}",
            partner="clb-voorbeeldstreek",
            purpose="care",
            child=child or uuid4(),
            resources=(f"{uuid4()}/1",),
            classes=("functional", "diagnosis"),
            rules=("J1", "H7"),
            consents=(uuid4(),),
            outcome="permit",
            correlation=str(uuid4()),
            rules_version="2026-11",
        )

    def integrate(self, *, batch: int = 5000) -> Integrated:
        self.at += timedelta(seconds=1)
        return integrate(self.hub, at=self.at, batch=batch)

    def grow(self, count: int, *, batches: int = 1) -> None:
        """Write and integrate, batch after batch."""
        for _ in range(batches):
            self.write(count // batches, together=7)
            self.integrate()

    def export(self, *, links: bool = False) -> list[str]:
        return list(log_rows(self.hub, links=links))

    def check(self, **more: Any) -> dict[str, Any]:
        return verify(self.export(), self.key, **more)

    def sql(self, statement: str, **values: Any) -> Any:
        """Do something as PostgreSQL's superuser, with every guard off."""
        with transaction(self.superuser) as tx:
            tx.execute(text("set local session_replication_role = replica"))
            done = tx.execute(text(statement), values)
            return done.all() if done.returns_rows else done.rowcount

    def newest(self) -> str:
        """The newest checkpoint, as somebody may keep it."""
        [[note]] = self.sql("select note from log_checkpoint order by size desc limit 1")
        return str(note)


@contextmanager
def a_log(server: Postgres, database_url: str) -> Iterator[Log]:
    hub = open_hub(settings_for(database_url, "127.0.0.1:1", "http://127.0.0.1:1"))
    database = hub.engine.url.database
    assert database is not None
    superuser = open_engine(server.admin_url(database))
    try:
        yield Log(hub, superuser)
    finally:
        superuser.dispose()
        hub.engine.dispose()


def written(rows: list[str], folder: Path) -> Path:
    file = folder / "export.log"
    file.write_text("".join(rows), encoding="utf-8")
    return file
