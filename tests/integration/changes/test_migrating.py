"""What was stored before changes were kept is compared as what is stored now."""

from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from gateway.embedded.postgres import Postgres
from gateway.fhir.standing import order_of
from gateway.store.migrate import upgrade

BEFORE = """
insert into partner (id, name, kind, scopes, registered_at, status)
  values ('vaph', 'VAPH', 'vaph_admin', '{}', now(), 'active');
insert into child (id, facts, known_since) values (:child, '', now());
insert into receipt (id, partner, source, channel, idempotency_key, sha256, size, wrapped_key,
                     original, status, received_at)
  values (:receipt, 'vaph', 'vaph', 'http', '', '', 0, '', '', 'processed', now());
insert into resource (id, child, partner, type, data_class, about, flags, layer, key_hash, version,
                      asserted_at, status)
  values (:resource, :child, 'vaph', 'Observation', 'functional', '{}', '{}', 'assertion', 'k', 1,
          :asserted_at, 'active');
insert into resource_version (resource, version, content, status, receipt, recorded_at)
  values (:resource, 1, '', 'active', :receipt, now());
"""
TOLD = [
    ("2024-10-27T02:30:00+01:00", "2024-10-27T02:30:00+01:00"),
    ("2023-05-17T10:22:05.500+02:00", "7"),
    ("2024-11-29", "2"),
    ("2017", ""),
    ("", ""),
]


@pytest.fixture
def before(postgres_server: Postgres) -> str:
    return postgres_server.create_database(f"before_{uuid4().hex}")


def test_orders_are_rewritten_as_the_code_writes_them(before: str) -> None:
    upgrade(before, "0002")
    engine = create_engine(before)
    with engine.begin() as connection:
        for number, (asserted_at, version) in enumerate(TOLD):
            given = {name: uuid4() for name in ("child", "receipt", "resource")}
            for statement in BEFORE.split(";\n")[number > 0 : -1]:
                row = {**given, "asserted_at": f"{asserted_at}#{version}"}
                unique = statement.replace("'http', ''", f"'http', '{number}'")
                connection.execute(text(unique), row)
    upgrade(before)
    with engine.connect() as connection:
        stored = set(connection.execute(text("select asserted_at from resource")).scalars())
        pictured = connection.execute(text("select count(*) from scope_statement")).scalar_one()
    engine.dispose()
    assert stored == {order_of(*one) for one in TOLD}
    assert pictured == len(TOLD)
