"""What cannot be sealed or sent is parked; a number of a stream is used even if its key is gone."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

SEALED = "state = 'sealed'"
UNSENT = "sent_at is null and state in ('sealed', 'gone')"
PARKED = "state = 'parked'"

# Before, a row was sealed once: earlier messages of a row get a row of their own that is done, and
# so does the only one of a row that is to be sealed again.
ALONE = """
with earlier as materialized (
  select d.id, d.outbox, nextval(pg_get_serial_sequence('outbox', 'id')) as place
    from delivery d join outbox o on o.id = d.outbox
   where o.state <> 'sealed'
      or exists (select from delivery n where n.outbox = d.outbox and n.id <> d.id
                    and (n.sealed_at, n.sequence, n.id) > (d.sealed_at, d.sequence, d.id))
), made as (
  insert into outbox (id, partner, child, resource, version, consent, route, kind, state, queued_at)
  overriding system value
  select e.place, o.partner, o.child, o.resource, o.version, o.consent, o.route, o.kind, 'sealed', o.queued_at
    from earlier e join outbox o on o.id = e.outbox
  returning id
)
update delivery d set outbox = e.place from earlier e join made m on m.id = e.place where d.id = e.id
"""


def upgrade() -> None:
    op.add_column('outbox', sa.Column('tries', sa.Integer(), server_default='0', nullable=False))
    op.add_column('outbox', sa.Column('parked_for', sa.Text(), nullable=True))
    op.add_column('outbox', sa.Column('parked_error', sa.Text(), nullable=True))
    op.add_column('outbox', sa.Column('parked_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_outbox_parked', 'outbox', ['partner', 'id'], unique=False, postgresql_where=sa.text(PARKED))
    # A retry is sealed again, as another message for the same row.
    op.drop_constraint(op.f('uq_delivery_outbox'), 'delivery', type_='unique')
    op.create_index('ix_delivery_outbox', 'delivery', ['outbox'], unique=False)
    # Gaps of the past stay: their numbers would come after newer ones.
    op.execute("update delivery set sent_at = coalesce(closed_at, sealed_at)"
               " where state = 'gone' and sent_at is null")
    op.drop_index('ix_delivery_sealed', table_name='delivery', postgresql_where=sa.text(SEALED))
    op.create_index('ix_delivery_unsent', 'delivery', ['partner', 'sequence'], unique=False, postgresql_where=sa.text(UNSENT))


def downgrade() -> None:
    # Without a place to stand aside it is tried again for ever, as before.
    op.execute("update outbox set state = 'due' where state = 'parked'")
    op.execute(ALONE)
    op.drop_index('ix_delivery_unsent', table_name='delivery', postgresql_where=sa.text(UNSENT))
    op.create_index('ix_delivery_sealed', 'delivery', ['partner', 'sequence'], unique=False, postgresql_where=sa.text(SEALED))
    op.drop_index('ix_delivery_outbox', table_name='delivery')
    op.create_unique_constraint(op.f('uq_delivery_outbox'), 'delivery', ['outbox'])
    op.drop_index('ix_outbox_parked', table_name='outbox', postgresql_where=sa.text(PARKED))
    for column in ('parked_at', 'parked_error', 'parked_for', 'tries'):
        op.drop_column('outbox', column)
