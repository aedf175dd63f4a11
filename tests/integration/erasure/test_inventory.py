"""Every column is declared, and the database does what the declaration says."""

from sqlalchemy import text

from gateway import clock
from gateway.exchange.audit.integrate_log import integrate
from gateway.store.engine import transaction
from tests.integration.erasure.inventory import FATES, GONE, INVENTORY, KEPT, fate_of
from tests.integration.erasure.world import Family, fill_every_table, shared

_COLUMNS = (
    "select table_name, column_name from information_schema.columns where table_schema = 'public'"
)


def _columns(family: Family) -> list[tuple[str, str]]:
    return [(row.table_name, row.column_name) for row in family.desk.rows(_COLUMNS)]


def test_every_column_of_the_database_is_declared_and_nothing_else(family: Family) -> None:
    live = set(_columns(family))
    declared = {
        (table, name)
        for table, fates in INVENTORY.items()
        for names in fates.values()
        for name in names.split()
    }
    assert live - declared == set(), "say in inventory.py what becomes of these at an erasure"
    assert declared - live == set(), "these are no columns any more"
    assert {fate for fates in INVENTORY.values() for fate in fates} <= FATES


def test_a_column_is_declared_once(family: Family) -> None:
    assert family
    for table, fates in INVENTORY.items():
        names = " ".join(fates.values()).split()
        assert len(names) == len(set(names)), table


def test_after_an_erasure_an_id_of_the_child_stands_only_where_it_is_declared_kept(
    family: Family,
) -> None:
    shared(family)
    fill_every_table(family, family.noor)
    assert _where(family), "the search itself finds her"
    family.erase()
    family.send()
    integrate(family.desk.hub, at=clock.now())
    kept = {one for one in _where(family) if fate_of(*one) == KEPT}
    assert _where(family) - kept == set()
    assert kept


def test_the_rows_of_a_table_that_is_declared_gone_are_gone(family: Family) -> None:
    shared(family)
    gone = [table for table, fates in INVENTORY.items() if set(fates) == {GONE}]
    before = {table: len(rows) for table, rows in family.rows().items()}
    fill_every_table(family, family.noor)
    filled = {table: len(rows) for table, rows in family.rows().items()}
    family.erase()
    after = {table: len(rows) for table, rows in family.rows().items()}
    for table in gone:
        assert filled[table] > 0 or before[table] == 0, table
        assert after[table] <= before[table], table


def _where(family: Family) -> set[tuple[str, str]]:
    """Return the columns in which the child's id stands, as text or as bytes."""
    found: set[tuple[str, str]] = set()
    id_text, id_hex = str(family.noor), family.noor.bytes.hex()
    with transaction(family.desk.hub.engine) as tx:
        for table, column in _columns(family):
            query = f"""
            select 1 from "{table}"
             where "{column}"::text like '%{id_text}%' or "{column}"::text like '%{id_hex}%' limit 1
            """
            if tx.execute(text(query)).first():
                found.add((table, column))
    return found
