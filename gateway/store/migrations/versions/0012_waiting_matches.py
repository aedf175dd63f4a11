"""Records that wait for a person are found again when a child becomes known that they resemble."""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('waiting_key',
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('item', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['item'], ['review_item.id'], name=op.f('fk_waiting_key_item'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('key', 'item', name=op.f('pk_waiting_key'))
    )
    op.create_index(op.f('ix_waiting_key_item'), 'waiting_key', ['item'], unique=False)
    op.create_table('match_again',
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('seen', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('child', name=op.f('pk_match_again'))
    )
    op.execute("alter table match_again alter column seen type xid8 using seen::xid8")
    op.add_column('review_item', sa.Column('keyed', sa.Boolean(), server_default='false', nullable=False))
    op.create_index('ix_review_item_unkeyed', 'review_item', ['raised_at'], unique=False, postgresql_where=sa.text("state = 'open' and kind = 'identity_match' and not keyed"))


def downgrade() -> None:
    op.drop_index('ix_review_item_unkeyed', table_name='review_item')
    op.drop_column('review_item', 'keyed')
    op.drop_table('match_again')
    op.drop_index(op.f('ix_waiting_key_item'), table_name='waiting_key')
    op.drop_table('waiting_key')
