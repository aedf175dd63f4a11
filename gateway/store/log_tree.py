"""The tree of the access log as rows: which lines wait, leaves, tiles and checkpoints."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import func, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.engine import AnyRow, AnySelect, Transaction
from gateway.store.log_tables import log_checkpoint, log_leaf, log_tile
from gateway.store.tables import access_log
from gateway.transparency.tree import Place

_LOCK: Final = text("select pg_try_advisory_xact_lock(hashtextextended('access log tree', 0))")
# Behind the commit horizon, in the order of transactions: a number is taken before its commit, so
# that the order of numbers would skip a line that commits late.
_WAITING: Final = text("""
with next as materialized (
  select l.*, cast(cast(l.xid as text) as bigint) as transaction
    from access_log l
   where (l.xid, l.id) > (cast(cast(:horizon as text) as xid8), cast(:last as bigint))
     and l.xid < pg_snapshot_xmin(pg_current_snapshot())
   order by l.xid, l.id limit :limit
)
select n.*, exists (select from log_leaf f where f.entry = n.id) as known
  from next n order by n.xid, n.id
""")
_HORIZON: Final = text("""
select cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint) as oldest,
       cast(cast(pg_snapshot_xmax(pg_current_snapshot()) as text) as bigint) as next
""")
# After a restore into a new cluster its transactions count from the start again; what is visible
# and seems to be of a transaction to come was committed in the old one.
_OF_ANOTHER_CLUSTER: Final = text("""
select l.*, cast(0 as bigint) as transaction, false as known from access_log l
 where l.xid >= pg_snapshot_xmax(pg_current_snapshot())
   and not exists (select from log_leaf f where f.entry = l.id)
 order by l.xid, l.id limit :limit
""")
_ADD_LEAVES: Final = text("""
insert into log_leaf (index, entry, salt, commitment)
select * from unnest(cast(:indexes as bigint[]), cast(:entries as bigint[]),
                     cast(:salts as bytea[]), cast(:commitments as bytea[]))
""")
_BESIDE_THE_TREE: Final = text("""
select l.id from access_log l
 where (l.xid < cast(cast(:horizon as text) as xid8)
        or l.xid >= pg_snapshot_xmax(pg_current_snapshot()))
   and not exists (
     select from log_leaf f where f.entry = l.id and f.index >= 0 and f.index < :size)
 order by l.id limit :limit
""")
_STAND_STILL: Final = text("set transaction isolation level repeatable read, read only")
_ERASES: Final = text("set local deelregie.erases = 'lines'")
_ERASE_LEAVES: Final = text("""
update log_leaf f set salt = null from access_log l where l.child = :child and f.entry = l.id
""")
_ERASE_LINES: Final = text("""
update access_log set actor = 'erased', child = null, resources = '{}', consents = '{}',
       correlation = null, basis = null
 where child = :child
   and exists (select from log_leaf f where f.entry = access_log.id and f.salt is null)
""")

# What is written about a child after its erasure: that it happened, and who was told.
_OF_ERASED: Final = text("""
select distinct l.child from log_leaf f
  join access_log l on l.id = f.entry join child c on c.id = l.child
 where f.index >= :first and c.wrapped_key is null
""")


Line: TypeAlias = dict[str, Any]
"""One line of the access log by column."""


@dataclass(frozen=True, slots=True)
class Signed:
    """One checkpoint as it was signed.

    Every line of a transaction before `horizon` is in it, and of that one those up to `last_entry`.
    """

    size: int
    note: str
    horizon: int
    last_entry: int


def hold(tx: Transaction) -> bool:
    """Hold the tree until this transaction ends; False if another process does."""
    return bool(tx.execute(_LOCK).scalar())


def newest(tx: Transaction) -> Signed | None:
    """Return the newest checkpoint, or None when there is none yet."""
    row = tx.execute(_checkpoints().order_by(log_checkpoint.c.size.desc()).limit(1)).first()
    return _signed(row) if row else None


def checkpoint_of(tx: Transaction, size: int) -> Signed | None:
    """Return the checkpoint of exactly this size."""
    row = tx.execute(_checkpoints().where(log_checkpoint.c.size == size)).first()
    return _signed(row) if row else None


def checkpoints_between(tx: Transaction, after: int, until: int) -> list[Signed]:
    """Return the checkpoints of a size above one and up to another, in their order."""
    size = log_checkpoint.c.size
    rows = tx.execute(_checkpoints().where(size > after, size <= until).order_by(size))
    return [_signed(row) for row in rows]


def horizon(tx: Transaction) -> tuple[int, int]:
    """Return the oldest transaction that runs, and the next that will begin."""
    row = tx.execute(_HORIZON).one()
    return row.oldest, row.next


def waiting(tx: Transaction, *, horizon: int, last_entry: int, limit: int) -> list[Line]:
    """Return the next lines of transactions that are surely over.

    `transaction` of each is the number of its transaction; `known` says that it is in the tree,
    as lines of a restored database are once transactions have counted up to theirs again.
    """
    given = {"horizon": horizon, "last": last_entry, "limit": limit}
    rows = tx.execute(_WAITING, given).mappings()
    return [dict(row) for row in rows]


def waiting_since_a_restore(tx: Transaction, *, limit: int) -> list[Line]:
    """Return lines that are not in the tree and were written in a database restored since."""
    rows = tx.execute(_OF_ANOTHER_CLUSTER, {"limit": limit}).mappings()
    return [dict(row) for row in rows]


def add_leaves(
    tx: Transaction,
    first: int,
    entries: Sequence[int],
    salts: Sequence[bytes],
    commitments: Sequence[bytes],
) -> None:
    """Store the leaves of lines, numbered from the first."""
    indexes = list(range(first, first + len(entries)))
    values = {"indexes": indexes, "entries": list(entries)}
    tx.execute(_ADD_LEAVES, values | {"salts": list(salts), "commitments": list(commitments)})


def tiles(tx: Transaction, places: Iterable[Place]) -> dict[Place, bytes]:
    """Return tiles by their place; one that is not stored is left out."""
    wanted = sorted(set(places))
    if not wanted:
        return {}
    query = select(log_tile).where(tuple_(log_tile.c.level, log_tile.c.index).in_(wanted))
    rows = tx.execute(query).mappings()
    return {(row["level"], row["index"]): row["hashes"] for row in rows}


def save_tiles(tx: Transaction, changed: Mapping[Place, bytes]) -> None:
    """Store tiles that are new or longer than before."""
    statement = upsert(log_tile)
    statement = statement.on_conflict_do_update(
        index_elements=["level", "index"], set_={"hashes": statement.excluded.hashes}
    )
    rows = [{"level": at[0], "index": at[1], "hashes": one} for at, one in changed.items()]
    tx.execute(statement, rows)


def save_checkpoint(tx: Transaction, signed: Signed, *, at: datetime) -> None:
    """Store a checkpoint; one of this size must not exist."""
    values: dict[str, Any] = {"size": signed.size, "note": signed.note, "signed_at": at}
    values |= {"horizon": str(signed.horizon), "last_entry": signed.last_entry}
    tx.execute(log_checkpoint.insert().values(values))


def stand_still(tx: Transaction) -> None:
    """Let this transaction read the tree as it is now, whatever others add; it comes first."""
    tx.execute(_STAND_STILL)


def count_leaves(tx: Transaction) -> int:
    """Return how many leaves are stored."""
    return tx.execute(select(func.count()).select_from(log_leaf)).scalar_one()


def leaves(tx: Transaction, first: int, end: int) -> dict[int, Line]:
    """Return the leaves from first to end by index, with their lines where these are there."""
    query = (
        select(log_leaf.c.index, log_leaf.c.salt, log_leaf.c.commitment, access_log)
        .outerjoin(access_log, access_log.c.id == log_leaf.c.entry)
        .where(log_leaf.c.index >= first, log_leaf.c.index < end)
    )
    return {row["index"]: dict(row) for row in tx.execute(query).mappings()}


def leaves_of(tx: Transaction, entries: Iterable[int]) -> dict[int, Line]:
    """Return index, salt and commitment of lines that are in the tree, by the line's number."""
    query = select(log_leaf).where(log_leaf.c.entry.in_(tuple(entries)))
    return {row["entry"]: dict(row) for row in tx.execute(query).mappings()}


def beside_the_tree(tx: Transaction, signed: Signed, *, limit: int) -> tuple[int, ...]:
    """Return lines that should be in the tree of a checkpoint and are not; there should be none."""
    given = {"horizon": signed.horizon, "size": signed.size, "limit": limit}
    return tuple(tx.execute(_BESIDE_THE_TREE, given).scalars())


def erase_links(tx: Transaction, child: UUID) -> int:
    """Destroy what leads from the lines about a child to a person, with the salts; return how many.

    Only of lines that are in the tree: the others follow when this is called again. The tree stays
    as it was, since its leaves hold commitments only.
    """
    tx.execute(_ERASES)
    tx.execute(_ERASE_LEAVES, {"child": child})
    return tx.execute(_ERASE_LINES, {"child": child}).rowcount


def erase_links_of_erased(tx: Transaction, *, first: int) -> None:
    """Do the same for lines from leaf `first` on that came into the tree after an erasure."""
    for child in tx.execute(_OF_ERASED, {"first": first}).scalars().all():
        erase_links(tx, child)


def _checkpoints() -> AnySelect:
    return select(log_checkpoint)


def _signed(row: AnyRow) -> Signed:
    return Signed(row.size, row.note, int(row.horizon), row.last_entry)
