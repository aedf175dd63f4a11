"""The very statements that the hub sends for one call, so that a yardstick can send the same."""

import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self, TypeAlias

import psycopg
from sqlalchemy import create_engine, event

from gateway.exchange.hub import Hub

Parameters: TypeAlias = Mapping[str, Any]
Statement: TypeAlias = tuple[str, Parameters]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The transactions of one call in order, each a list of statements with its parameters."""

    transactions: tuple[tuple[Statement, ...], ...]
    answer: bytes = b""

    def save(self, path: Path) -> None:
        path.write_bytes(pickle.dumps(self))

    @staticmethod
    def load(path: Path) -> "Recording":
        found = pickle.loads(path.read_bytes())
        assert isinstance(found, Recording)
        return found

    def replay(self, connection: psycopg.Connection[Any], changes: Parameters) -> int:
        """Send every statement again, with other values under the same names; count the rows."""
        rows = 0
        for statements in self.transactions:
            with connection.transaction():
                for sql, values in statements:
                    own = {name: changes.get(name, value) for name, value in values.items()}
                    cursor = connection.execute(sql.encode(), own)
                    rows += len(cursor.fetchall()) if cursor.description else 0
        return rows


class _Heard(psycopg.Cursor[Any]):
    """A cursor that tells what it is asked; SQLAlchemy and the hub's own code use it alike."""

    transactions: ClassVar[list[list[Statement]]] = []

    def execute(self, query: Any, params: Any = None, **more: Any) -> Self:
        if self.transactions:
            text = query.decode() if isinstance(query, bytes) else str(query)
            self.transactions[-1].append((text, dict(params or {})))
        return super().execute(query, params, **more)


def record(hub: Hub, call: Callable[[Hub], object]) -> Recording:
    """Carry out a call and return what it sent to the database."""
    engine = create_engine(hub.engine.url, connect_args={"cursor_factory": _Heard})
    engine.connect().close()
    _Heard.transactions = []
    event.listen(engine, "begin", lambda _: _Heard.transactions.append([]))
    call(replace(hub, engine=engine))
    engine.dispose()
    return Recording(transactions=tuple(tuple(one) for one in _Heard.transactions))
