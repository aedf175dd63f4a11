"""Ways to receive: a feed and webhooks beside Kafka; what services did with what they removed."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
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
