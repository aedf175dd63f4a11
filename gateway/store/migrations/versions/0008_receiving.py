"""Ways to receive beside Kafka, answers to notices, and keys above the keys of messages."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

WITHOUT_KEYS = """
update delivery set wrapped_key = null, closed_at = now(),
       state = case when state = 'released' then 'released' else 'gone' end
 where message_key is not null and wrapped_key is not null
"""


def upgrade() -> None:
    op.create_table('message_key',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('data_class', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('wrapped_key', sa.LargeBinary(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled', sa.Boolean(), server_default='false', nullable=False),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_message_key_child')),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_message_key_partner')),
    sa.ForeignKeyConstraint(['source'], ['partner.id'], name=op.f('fk_message_key_source')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message_key'))
    )
    op.create_index('ix_message_key_open', 'message_key', ['child', 'partner', 'purpose', 'data_class', 'source'], unique=True, postgresql_where=sa.text('wrapped_key is not null'))
    op.create_index('ix_message_key_to_settle', 'message_key', ['id'], unique=False, postgresql_where=sa.text('wrapped_key is null and not settled'))
    op.add_column('delivery', sa.Column('message_key', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_delivery_message_key'), 'delivery', 'message_key', ['message_key'], ['id'])
    op.create_index('ix_delivery_read', 'delivery', ['child', 'partner'], unique=False, postgresql_where=sa.text("state = 'released'"))
    op.create_index('ix_delivery_message_key', 'delivery', ['message_key'], unique=False, postgresql_where=sa.text('wrapped_key is not null'))
    op.create_index('ix_delivery_own_key', 'delivery', ['child'], unique=False, postgresql_where=sa.text('wrapped_key is not null and message_key is null'))
    op.create_table('receiving',
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('way', sa.Text(), nullable=False),
    sa.Column('since_sequence', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('put_sequence', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('told_sequence', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failing_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('parked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('trouble', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_receiving_partner')),
    sa.PrimaryKeyConstraint('partner', name=op.f('pk_receiving'))
    )
    op.create_table('feed_message',
    sa.Column('delivery', sa.Uuid(), nullable=False),
    sa.Column('payload', sa.LargeBinary(), nullable=False),
    sa.Column('put_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['delivery'], ['delivery.id'], name=op.f('fk_feed_message_delivery')),
    sa.PrimaryKeyConstraint('delivery', name=op.f('pk_feed_message'))
    )
    op.create_table('notice_answer',
    sa.Column('delivery', sa.Uuid(), nullable=False),
    sa.Column('done', sa.Text(), nullable=False),
    sa.Column('basis', sa.Text(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['delivery'], ['delivery.id'], name=op.f('fk_notice_answer_delivery')),
    sa.PrimaryKeyConstraint('delivery', name=op.f('pk_notice_answer'))
    )


def downgrade() -> None:
    op.drop_table('notice_answer')
    op.drop_table('feed_message')
    op.drop_table('receiving')
    # Without the key above it no key of a message can be had any more.
    op.execute(WITHOUT_KEYS)
    op.drop_index('ix_delivery_own_key', table_name='delivery')
    op.drop_index('ix_delivery_message_key', table_name='delivery')
    op.drop_index('ix_delivery_read', table_name='delivery')
    op.drop_column('delivery', 'message_key')
    op.drop_table('message_key')
