"""Protocols between services; no flow is denied for want of one until the register is in force."""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

RUNNING = 'ended_at is null'


def upgrade() -> None:
    op.create_table('protocol_register',
    sa.Column('only', sa.Boolean(), server_default='true', nullable=False),
    sa.Column('in_force_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('only', name=op.f('pk_protocol_register'))
    )
    op.execute("insert into protocol_register default values")
    op.create_table('protocol',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('from_service', sa.Text(), nullable=False),
    sa.Column('to_service', sa.Text(), nullable=False),
    sa.Column('since', sa.Date(), nullable=True),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('registered_by', sa.Text(), nullable=False),
    sa.Column('registered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['from_service'], ['partner.id'], name=op.f('fk_protocol_from_service')),
    sa.ForeignKeyConstraint(['to_service'], ['partner.id'], name=op.f('fk_protocol_to_service')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_protocol'))
    )
    op.create_index('ix_protocol_running', 'protocol', ['to_service', 'from_service'], unique=False, postgresql_where=sa.text(RUNNING))


def downgrade() -> None:
    in_force = sa.text("select in_force_at from protocol_register")
    if op.get_bind().execute(in_force).scalar() is not None:
        # Without the register every flow would count as covered again (decision 0022).
        raise RuntimeError("the register of protocols is in force; restore a backup instead")
    op.drop_index('ix_protocol_running', table_name='protocol', postgresql_where=sa.text(RUNNING))
    op.drop_table('protocol')
    op.drop_table('protocol_register')
