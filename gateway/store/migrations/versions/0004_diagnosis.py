"""One diagnosis: what a person is asked and decided, and who was told of a correction."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('diagnosis_task',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('proposal', sa.LargeBinary(), nullable=False),
    sa.Column('focus', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('statement', sa.Uuid(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('reasons', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('role', sa.Text(), nullable=True),
    sa.Column('words', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_diagnosis_task_child')),
    sa.ForeignKeyConstraint(['decided_by'], ['partner.id'], name=op.f('fk_diagnosis_task_decided_by')),
    sa.ForeignKeyConstraint(['focus'], ['resource.id'], name=op.f('fk_diagnosis_task_focus')),
    sa.ForeignKeyConstraint(['owner'], ['partner.id'], name=op.f('fk_diagnosis_task_owner')),
    sa.ForeignKeyConstraint(['statement'], ['resource.id'], name=op.f('fk_diagnosis_task_statement')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_diagnosis_task')),
    sa.UniqueConstraint('child', 'kind', 'proposal', name=op.f('uq_diagnosis_task_child_kind_proposal'))
    )
    op.create_index('ix_diagnosis_task_requested', 'diagnosis_task', ['owner'], unique=False, postgresql_where=sa.text("status = 'requested'"))
    op.create_table('corrected',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('notice', sa.BigInteger(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('resource', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('delivery', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['delivery'], ['delivery.id'], name=op.f('fk_corrected_delivery')),
    sa.ForeignKeyConstraint(['notice'], ['outbox.id'], name=op.f('fk_corrected_notice')),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_corrected_partner')),
    sa.ForeignKeyConstraint(['resource'], ['resource.id'], name=op.f('fk_corrected_resource')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_corrected'))
    )
    op.create_index(op.f('ix_corrected_notice'), 'corrected', ['notice'], unique=False)
    op.create_index(op.f('ix_corrected_resource'), 'corrected', ['resource'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_corrected_resource'), table_name='corrected')
    op.drop_index(op.f('ix_corrected_notice'), table_name='corrected')
    op.drop_table('corrected')
    op.drop_index('ix_diagnosis_task_requested', table_name='diagnosis_task', postgresql_where=sa.text("status = 'requested'"))
    op.drop_table('diagnosis_task')
