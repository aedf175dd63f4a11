"""The access log as a Merkle tree: leaves, tiles, signed checkpoints, witnesses."""

import sqlalchemy as sa
from alembic import op

import gateway.store.tables

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

# INVARIANT: a line is never changed, but for its personal parts when they are erased. Only who says
# so in its transaction may do that, and the second trigger lets nothing else change, and no line
# that is not in the tree or whose salt is still there: it would leave no trace of what it was.
LINES = """
create or replace function refuse_change_of_line() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and current_setting('deelregie.erases', true) = 'lines' then return null; end if;
  raise exception '% is append-only', tg_table_name;
end $$;
create or replace function refuse_more_than_erasure() returns trigger language plpgsql as $$
begin
  if (new.id, new.xid, new.at, new.act, new.partner, new.role, new.purpose, new.classes,
      new.outcome, new.rules, new.rules_version)
     is distinct from
     (old.id, old.xid, old.at, old.act, old.partner, old.role, old.purpose, old.classes,
      old.outcome, old.rules, old.rules_version)
     or new.actor <> 'erased' or new.child is not null or new.resources <> '{}'
     or new.consents <> '{}' or new.correlation is not null or new.basis is not null
     or not exists (select from log_leaf f where f.entry = old.id and f.salt is null)
  then raise exception 'access_log is append-only'; end if;
  return new;
end $$;
drop trigger append_only on access_log;
create trigger append_only before update or delete or truncate on access_log
for each statement execute function refuse_change_of_line();
create trigger only_erasure before update on access_log for each row
when (current_setting('deelregie.erases', true) = 'lines')
execute function refuse_more_than_erasure();
create trigger append_only before update or delete or truncate on log_checkpoint
for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on log_cosignature
for each statement execute function refuse_change();
"""
BEFORE = """
drop trigger only_erasure on access_log;
drop trigger append_only on access_log;
create trigger append_only before update or delete or truncate on access_log
for each statement execute function refuse_change();
drop function refuse_more_than_erasure();
drop function refuse_change_of_line();
"""


def upgrade() -> None:
    # Lines of before get the transaction of this migration, and their order is that of their ids.
    op.add_column('access_log', sa.Column('xid', gateway.store.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False))
    op.create_index(op.f('ix_access_log_xid_id'), 'access_log', ['xid', 'id'], unique=False)
    op.create_table('log_leaf',
    sa.Column('index', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('entry', sa.BigInteger(), nullable=False),
    sa.Column('salt', sa.LargeBinary(), nullable=True),
    sa.Column('commitment', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('index', name=op.f('pk_log_leaf')),
    sa.UniqueConstraint('entry', name=op.f('uq_log_leaf_entry'))
    )
    op.create_table('log_tile',
    sa.Column('level', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('index', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('hashes', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('level', 'index', name=op.f('pk_log_tile'))
    )
    op.create_table('log_checkpoint',
    sa.Column('size', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('horizon', gateway.store.tables.Xid8(), nullable=False),
    sa.Column('last_entry', sa.BigInteger(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('size', name=op.f('pk_log_checkpoint'))
    )
    op.create_table('log_witness',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('verifier_key', sa.Text(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=True),
    sa.Column('registered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_log_witness_partner')),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_log_witness'))
    )
    op.create_table('log_cosignature',
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('witness', sa.Text(), nullable=False),
    sa.Column('line', sa.Text(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['size'], ['log_checkpoint.size'], name=op.f('fk_log_cosignature_size')),
    sa.ForeignKeyConstraint(['witness'], ['log_witness.name'], name=op.f('fk_log_cosignature_witness')),
    sa.PrimaryKeyConstraint('size', 'witness', name=op.f('pk_log_cosignature'))
    )
    op.execute(LINES)


def downgrade() -> None:
    op.execute(BEFORE)
    op.drop_table('log_cosignature')
    op.drop_table('log_witness')
    op.drop_table('log_checkpoint')
    op.drop_table('log_tile')
    op.drop_table('log_leaf')
    op.drop_index(op.f('ix_access_log_xid_id'), table_name='access_log')
    op.drop_column('access_log', 'xid')
