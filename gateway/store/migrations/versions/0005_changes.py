"""What sources take back, change, and deliver as complete for a scope; who claimed which tie."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

# Instants are compared in one time zone from now on, as `order_of` in gateway/fhir/standing.py does.
IN_ONE_ZONE = r"""
update resource set asserted_at = (
  select string_agg(case
    when part ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$'
      then to_char(part::timestamptz at time zone 'Europe/Brussels', 'YYYY-MM-DD"T"')
        || to_char(part::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    when place > 1 and part ~ '^[0-9]{1,11}$' then lpad(part, 12, '0')
    else part end, '#' order by place)
  from unnest(string_to_array(asserted_at, '#')) with ordinality as told(part, place))
where layer = 'assertion' and asserted_at <> ''
"""
# What is known of a tie was claimed by some source of that name; any newer claim outdoes it.
CLAIMED = """
insert into tie_claim (child, person, partner, source, relation, authority, asserted_at)
select child, person, '', substr(evidence, 8), relation, authority, ''
  from family_tie where evidence like 'source:%'
"""
# VAPH is the one source whose dossiers are complete pictures of a child.
PICTURED = """
insert into scope_statement (partner, scope_hash, key_hash, said_at)
select r.partner, uuid_send(r.child) || convert_to(i.source, 'UTF8'), r.key_hash, r.asserted_at
  from resource r
  join resource_version v on v.resource = r.id and v.version = r.version
  join receipt i on i.id = v.receipt and i.partner = r.partner
 where r.layer = 'assertion' and i.source = 'vaph'
"""


def upgrade() -> None:
    op.create_table('statement_end',
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('key_hash', sa.LargeBinary(), nullable=False),
    sa.Column('ending', sa.Text(), nullable=False),
    sa.Column('asserted_at', sa.Text(), nullable=False),
    sa.Column('receipt', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_statement_end_partner')),
    sa.ForeignKeyConstraint(['receipt'], ['receipt.id'], name=op.f('fk_statement_end_receipt')),
    sa.PrimaryKeyConstraint('partner', 'key_hash', 'ending', name=op.f('pk_statement_end'))
    )
    op.create_table('statement_amendment',
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('key_hash', sa.LargeBinary(), nullable=False),
    sa.Column('element', sa.Text(), nullable=False),
    sa.Column('asserted_at', sa.Text(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=True),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('receipt', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_statement_amendment_child')),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_statement_amendment_partner')),
    sa.ForeignKeyConstraint(['receipt'], ['receipt.id'], name=op.f('fk_statement_amendment_receipt')),
    sa.PrimaryKeyConstraint('partner', 'key_hash', 'element', name=op.f('pk_statement_amendment'))
    )
    op.create_table('scope_delivery',
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('scope_hash', sa.LargeBinary(), nullable=False),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('asserted_at', sa.Text(), nullable=False),
    sa.Column('receipt', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_scope_delivery_partner')),
    sa.ForeignKeyConstraint(['receipt'], ['receipt.id'], name=op.f('fk_scope_delivery_receipt')),
    sa.PrimaryKeyConstraint('partner', 'scope_hash', 'sha256', name=op.f('pk_scope_delivery'))
    )
    op.create_table('scope_statement',
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('scope_hash', sa.LargeBinary(), nullable=False),
    sa.Column('key_hash', sa.LargeBinary(), nullable=False),
    sa.Column('said_at', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_scope_statement_partner')),
    sa.PrimaryKeyConstraint('partner', 'scope_hash', 'key_hash', name=op.f('pk_scope_statement'))
    )
    op.create_table('tie_claim',
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('person', sa.Uuid(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('relation', sa.Text(), nullable=False),
    sa.Column('authority', sa.Text(), nullable=False),
    sa.Column('asserted_at', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_tie_claim_child')),
    sa.ForeignKeyConstraint(['person'], ['person.id'], name=op.f('fk_tie_claim_person')),
    sa.PrimaryKeyConstraint('child', 'person', 'partner', 'source', name=op.f('pk_tie_claim'))
    )
    op.create_index(op.f('ix_tie_claim_person'), 'tie_claim', ['person'], unique=False)
    op.add_column('resource', sa.Column('above', postgresql.ARRAY(sa.LargeBinary()), server_default='{}', nullable=False))
    op.create_index(op.f('ix_resource_partner_key_hash'), 'resource', ['partner', 'key_hash'], unique=False)
    op.create_index(op.f('ix_resource_above'), 'resource', ['above'], unique=False, postgresql_using='gin')
    op.add_column('resource_version', sa.Column('said', sa.Boolean(), server_default='true', nullable=False))
    op.execute("update resource_version set said = false where status <> 'active'")
    op.execute(IN_ONE_ZONE)
    op.execute(CLAIMED)
    op.execute(PICTURED)


def downgrade() -> None:
    op.execute("delete from outbox where kind = 'ended' and state = 'due'")
    op.drop_column('resource_version', 'said')
    op.drop_index(op.f('ix_resource_above'), table_name='resource', postgresql_using='gin')
    op.drop_index(op.f('ix_resource_partner_key_hash'), table_name='resource')
    op.drop_column('resource', 'above')
    op.drop_index(op.f('ix_tie_claim_person'), table_name='tie_claim')
    op.drop_table('tie_claim')
    op.drop_table('scope_statement')
    op.drop_table('scope_delivery')
    op.drop_table('statement_amendment')
    op.drop_table('statement_end')
