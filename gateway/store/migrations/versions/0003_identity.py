"""One identity per child: keys to propose by, spellings, cancelled numbers, what a person found."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _identity()


def downgrade() -> None:
    _no_identity()


def _identity() -> None:
    op.create_table('match_key',
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_match_key_child')),
    sa.PrimaryKeyConstraint('key', 'child', name=op.f('pk_match_key'))
    )
    op.create_index(op.f('ix_match_key_child'), 'match_key', ['child'], unique=False)
    op.create_table('known_description',
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_known_description_child')),
    sa.PrimaryKeyConstraint('child', name=op.f('pk_known_description'))
    )
    op.create_table('cancelled_number',
    sa.Column('value_hash', sa.LargeBinary(), nullable=False),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('value_hash', name=op.f('pk_cancelled_number'))
    )
    op.create_table('match_verdict',
    sa.Column('subject', sa.LargeBinary(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('same', sa.Boolean(), nullable=False),
    sa.Column('decided_by', sa.Text(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_match_verdict_child')),
    sa.PrimaryKeyConstraint('subject', 'child', name=op.f('pk_match_verdict'))
    )
    op.create_index(op.f('ix_match_verdict_child'), 'match_verdict', ['child'], unique=False)
    op.add_column('child_lookup', sa.Column('state', sa.Text(), server_default='current', nullable=False))
    op.create_index(op.f('ix_child_lookup_child'), 'child_lookup', ['child'], unique=False)
    op.add_column('review_item', sa.Column('subject', sa.LargeBinary(), nullable=True))
    op.create_index('ix_review_item_subject', 'review_item', ['subject'], unique=False, postgresql_where=sa.text("state = 'open'"))
    # The hash is the same; it is one more key to propose by, and no identifier.
    op.execute("insert into match_key (key, child) select value_hash, child from child_lookup where kind = 'name_birth'")
    op.execute("delete from child_lookup where kind = 'name_birth'")


def _no_identity() -> None:
    # Only the key of name and birth date is a whole hash; the others are shorter.
    op.execute("insert into child_lookup (kind, value_hash, child) select 'name_birth', key, child from match_key where octet_length(key) = 32")
    op.execute("delete from child_lookup where kind not in ('insz', 'name_birth')")
    op.drop_index('ix_review_item_subject', table_name='review_item', postgresql_where=sa.text("state = 'open'"))
    op.drop_column('review_item', 'subject')
    op.drop_index(op.f('ix_child_lookup_child'), table_name='child_lookup')
    op.drop_column('child_lookup', 'state')
    op.drop_index(op.f('ix_match_verdict_child'), table_name='match_verdict')
    op.drop_table('match_verdict')
    op.drop_table('cancelled_number')
    op.drop_table('known_description')
    op.drop_index(op.f('ix_match_key_child'), table_name='match_key')
    op.drop_table('match_key')
