"""Whether the database answers, and at the schema that this version was built for."""

from sqlalchemy import Engine, text

from gateway.errors import SourceUnavailable
from gateway.store.engine import transaction
from gateway.store.migrate import head


def database_is_ready(engine: Engine) -> bool:
    """Return True when the database answers and is migrated."""
    try:
        with transaction(engine) as tx:
            found = tx.execute(text("select to_regclass('alembic_version') is not null")).scalar()
            known = tx.execute(text("select version_num from alembic_version")) if found else None
            return known is not None and known.scalar() == head()
    except SourceUnavailable:
        return False
