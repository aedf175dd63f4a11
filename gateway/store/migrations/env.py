"""How alembic reaches the database; one transaction per migration, impatient about locks."""

from alembic import context
from sqlalchemy import NullPool, create_engine, text

from gateway.store import (
    change_tables,
    diagnosis_tables,
    erasure_tables,
    identity_tables,
    log_tables,
    message_key_tables,
    protocol_tables,
    receiving_tables,
)
from gateway.store.lifecycle_tables import metadata

# What migrations are compared with holds every table.
KNOWN = (
    change_tables,
    diagnosis_tables,
    erasure_tables,
    identity_tables,
    log_tables,
    message_key_tables,
    protocol_tables,
    receiving_tables,
)
assert all(one.metadata is metadata for one in KNOWN)

engine = create_engine(context.config.attributes["database_url"], poolclass=NullPool)
with engine.connect() as connection:
    # A migration that waits behind a long transaction would stop the hub; it may be tried again.
    connection.execute(text("set lock_timeout = '5s'"))
    connection.commit()
    context.configure(
        connection=connection, target_metadata=metadata, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()
