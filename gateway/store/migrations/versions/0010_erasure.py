"""Erasing a child, looking behind a pseudonym; what is kept of the past names no row that is gone."""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('erasure',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('ground', sa.Text(), nullable=False),
    sa.Column('reason', sa.LargeBinary(), nullable=True),
    sa.Column('asked_by', sa.Text(), nullable=False),
    sa.Column('asked_as_dpo', sa.Boolean(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('decision', sa.Text(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_erasure_child')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasure'))
    )
    op.create_index('ix_erasure_open', 'erasure', ['child'], unique=False, postgresql_where=sa.text('decided_at is null'))
    op.create_table('reidentification',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('words', sa.LargeBinary(), nullable=False),
    sa.Column('asked_by', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('approved_by', sa.Text(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_reidentification_child')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reidentification'))
    )
    op.create_index(op.f('ix_reidentification_child'), 'reidentification', ['child'], unique=False)
    # A line of the past outlives what it names, as in the access log.
    op.drop_constraint(op.f('fk_consent_event_consent'), 'consent_event', type_='foreignkey')
    op.drop_constraint(op.f('fk_corrected_resource'), 'corrected', type_='foreignkey')


def downgrade() -> None:
    # What was erased is gone: lines that name it stay as they are, and only new ones are checked.
    op.create_foreign_key(op.f('fk_corrected_resource'), 'corrected', 'resource', ['resource'], ['id'], postgresql_not_valid=True)
    op.create_foreign_key(op.f('fk_consent_event_consent'), 'consent_event', 'consent', ['consent'], ['id'], postgresql_not_valid=True)
    op.drop_index(op.f('ix_reidentification_child'), table_name='reidentification')
    op.drop_table('reidentification')
    op.drop_index('ix_erasure_open', table_name='erasure', postgresql_where=sa.text('decided_at is null'))
    op.drop_table('erasure')
