"""Which messages said a statement; which deliveries were whole for their scope."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('resource', sa.Column('messages', postgresql.ARRAY(sa.LargeBinary()), server_default='{}', nullable=False))
    op.create_index(op.f('ix_resource_messages'), 'resource', ['messages'], unique=False, postgresql_using='gin')
    op.add_column('scope_delivery', sa.Column('complete', sa.Boolean(), server_default='true', nullable=False))


def downgrade() -> None:
    op.execute('delete from scope_delivery where not complete')
    op.drop_column('scope_delivery', 'complete')
    op.drop_index(op.f('ix_resource_messages'), table_name='resource', postgresql_using='gin')
    op.drop_column('resource', 'messages')
