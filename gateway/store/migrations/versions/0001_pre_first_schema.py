"""The first schema: before any code that needs it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
import gateway.store.tables

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


# INVARIANT: a line of the access log is never changed, not even by the hub's own mistake.
APPEND_ONLY = """
create function refuse_change() returns trigger language plpgsql as $$
begin raise exception 'access_log is append-only'; end $$;
create trigger append_only before update or delete or truncate on access_log
for each statement execute function refuse_change();
"""


def upgrade() -> None:
    op.create_table('child',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('wrapped_key', sa.LargeBinary(), nullable=True),
    sa.Column('facts', sa.LargeBinary(), nullable=False),
    sa.Column('known_since', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_child'))
    )
    op.create_table('partner',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('secrecy', sa.Text(), nullable=True),
    sa.Column('youth_help', sa.Boolean(), nullable=True),
    sa.Column('status', sa.Text(), server_default='active', nullable=False),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('jwks', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('jwks_uri', sa.Text(), nullable=True),
    sa.Column('scopes', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('registered_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner'))
    )
    op.create_table('person',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('insz_hash', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('insz_hash', name=op.f('uq_person_insz_hash'))
    )
    op.create_table('access_log',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('act', sa.Text(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=True),
    sa.Column('role', sa.Text(), nullable=True),
    sa.Column('purpose', sa.Text(), nullable=True),
    sa.Column('child', sa.Uuid(), nullable=True),
    sa.Column('resources', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('classes', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('rules', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('consents', postgresql.ARRAY(sa.Uuid()), nullable=False),
    sa.Column('correlation', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access_log'))
    )
    op.create_index(op.f('ix_access_log_child_id'), 'access_log', ['child', 'id'], unique=False)
    op.create_index(op.f('ix_access_log_partner_id'), 'access_log', ['partner', 'id'], unique=False)
    op.create_table('care_relation',
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_care_relation_child')),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_care_relation_partner')),
    sa.PrimaryKeyConstraint('child', 'partner', name=op.f('pk_care_relation'))
    )
    op.create_table('child_lookup',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('value_hash', sa.LargeBinary(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_child_lookup_child')),
    sa.PrimaryKeyConstraint('kind', 'value_hash', 'child', name=op.f('pk_child_lookup'))
    )
    op.create_table('consent',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('person', sa.Uuid(), nullable=False),
    sa.Column('effect', sa.Text(), nullable=False),
    sa.Column('classes', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('wording_id', sa.Text(), nullable=False),
    sa.Column('wording_version', sa.Text(), nullable=False),
    sa.Column('wording_language', sa.Text(), nullable=False),
    sa.Column('wording_sha256', sa.LargeBinary(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_consent_child')),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_consent_partner')),
    sa.ForeignKeyConstraint(['person'], ['person.id'], name=op.f('fk_consent_person')),
    sa.ForeignKeyConstraint(['withdrawn_by'], ['person.id'], name=op.f('fk_consent_withdrawn_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent'))
    )
    op.create_index(op.f('ix_consent_child_partner'), 'consent', ['child', 'partner'], unique=False)
    op.create_table('family_tie',
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('person', sa.Uuid(), nullable=False),
    sa.Column('relation', sa.Text(), nullable=False),
    sa.Column('authority', sa.Text(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_family_tie_child')),
    sa.ForeignKeyConstraint(['person'], ['person.id'], name=op.f('fk_family_tie_person')),
    sa.PrimaryKeyConstraint('child', 'person', name=op.f('pk_family_tie'))
    )
    op.create_index(op.f('ix_family_tie_person'), 'family_tie', ['person'], unique=False)
    op.create_table('partner_stream',
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('last_sequence', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_partner_stream_partner')),
    sa.PrimaryKeyConstraint('partner', name=op.f('pk_partner_stream'))
    )
    op.create_table('receipt',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('idempotency_key', sa.LargeBinary(), nullable=False),
    sa.Column('content_type', sa.Text(), nullable=True),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('wrapped_key', sa.LargeBinary(), nullable=False),
    sa.Column('original', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('refused_code', sa.Text(), nullable=True),
    sa.Column('refused_where', sa.Text(), nullable=True),
    sa.Column('refused_message', sa.Text(), nullable=True),
    sa.Column('refused_status', sa.Integer(), nullable=True),
    sa.Column('account', sa.LargeBinary(), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('processed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_receipt_partner')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipt')),
    sa.UniqueConstraint('partner', 'source', 'idempotency_key', name=op.f('uq_receipt_partner_source_idempotency_key'))
    )
    op.create_index('ix_receipt_accepted', 'receipt', ['received_at'], unique=False, postgresql_where=sa.text("status = 'accepted'"))
    op.create_table('resource',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('data_class', sa.Text(), nullable=False),
    sa.Column('about', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('flags', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('layer', sa.Text(), nullable=False),
    sa.Column('key_hash', sa.LargeBinary(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('asserted_at', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_resource_child')),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_resource_partner')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_resource')),
    sa.UniqueConstraint('child', 'layer', 'partner', 'key_hash', name=op.f('uq_resource_child_layer_partner_key_hash'))
    )
    op.create_index(op.f('ix_resource_child_type'), 'resource', ['child', 'type'], unique=False)
    op.create_table('used_assertion',
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('jti', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_used_assertion_partner')),
    sa.PrimaryKeyConstraint('partner', 'jti', name=op.f('pk_used_assertion'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('xid', gateway.store.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('resource', sa.Uuid(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=True),
    sa.Column('consent', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='due', nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_outbox_child')),
    sa.ForeignKeyConstraint(['consent'], ['consent.id'], name=op.f('fk_outbox_consent')),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_outbox_partner')),
    sa.ForeignKeyConstraint(['resource'], ['resource.id'], name=op.f('fk_outbox_resource')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox'))
    )
    op.create_index('ix_outbox_due', 'outbox', ['partner', 'id'], unique=False, postgresql_where=sa.text("state = 'due'"))
    op.create_table('receipt_part',
    sa.Column('receipt', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('part', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=True),
    sa.Column('resources', sa.Integer(), server_default='0', nullable=False),
    sa.Column('place', sa.Text(), nullable=True),
    sa.Column('field', sa.Text(), nullable=True),
    sa.Column('code', sa.Text(), nullable=True),
    sa.Column('message', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_receipt_part_child')),
    sa.ForeignKeyConstraint(['receipt'], ['receipt.id'], name=op.f('fk_receipt_part_receipt')),
    sa.PrimaryKeyConstraint('receipt', 'position', name=op.f('pk_receipt_part'))
    )
    op.create_table('resource_version',
    sa.Column('resource', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('receipt', sa.Uuid(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['receipt'], ['receipt.id'], name=op.f('fk_resource_version_receipt')),
    sa.ForeignKeyConstraint(['resource'], ['resource.id'], name=op.f('fk_resource_version_resource')),
    sa.PrimaryKeyConstraint('resource', 'version', name=op.f('pk_resource_version'))
    )
    op.create_table('review_item',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('receipt', sa.Uuid(), nullable=False),
    sa.Column('part', sa.Text(), nullable=False),
    sa.Column('candidates', postgresql.ARRAY(sa.Uuid()), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), server_default='open', nullable=False),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('decision', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['receipt'], ['receipt.id'], name=op.f('fk_review_item_receipt')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_item')),
    sa.UniqueConstraint('kind', 'receipt', 'part', name=op.f('uq_review_item_kind_receipt_part'))
    )
    op.create_table('delivery',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('outbox', sa.BigInteger(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('resource', sa.Uuid(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('sequence', sa.BigInteger(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=True),
    sa.Column('effect', sa.Text(), nullable=True),
    sa.Column('consents', postgresql.ARRAY(sa.Uuid()), nullable=False),
    sa.Column('wrapped_key', sa.LargeBinary(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('broker_offset', sa.BigInteger(), nullable=True),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_delivery_child')),
    sa.ForeignKeyConstraint(['outbox'], ['outbox.id'], name=op.f('fk_delivery_outbox')),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_delivery_partner')),
    sa.ForeignKeyConstraint(['resource'], ['resource.id'], name=op.f('fk_delivery_resource')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('outbox', name=op.f('uq_delivery_outbox')),
    sa.UniqueConstraint('partner', 'sequence', name=op.f('uq_delivery_partner_sequence'))
    )
    op.create_index('ix_delivery_open', 'delivery', ['child', 'partner'], unique=False, postgresql_where=sa.text("state in ('sealed', 'sent')"))
    op.create_index('ix_delivery_sealed', 'delivery', ['partner', 'sequence'], unique=False, postgresql_where=sa.text("state = 'sealed'"))
    op.execute(APPEND_ONLY)


def downgrade() -> None:
    op.drop_index('ix_delivery_sealed', table_name='delivery', postgresql_where=sa.text("state = 'sealed'"))
    op.drop_index('ix_delivery_open', table_name='delivery', postgresql_where=sa.text("state in ('sealed', 'sent')"))
    op.drop_table('delivery')
    op.drop_table('review_item')
    op.drop_table('resource_version')
    op.drop_table('receipt_part')
    op.drop_index('ix_outbox_due', table_name='outbox', postgresql_where=sa.text("state = 'due'"))
    op.drop_table('outbox')
    op.drop_table('used_assertion')
    op.drop_index(op.f('ix_resource_child_type'), table_name='resource')
    op.drop_table('resource')
    op.drop_index('ix_receipt_accepted', table_name='receipt', postgresql_where=sa.text("status = 'accepted'"))
    op.drop_table('receipt')
    op.drop_table('partner_stream')
    op.drop_index(op.f('ix_family_tie_person'), table_name='family_tie')
    op.drop_table('family_tie')
    op.drop_index(op.f('ix_consent_child_partner'), table_name='consent')
    op.drop_table('consent')
    op.drop_table('child_lookup')
    op.drop_table('care_relation')
    op.drop_index(op.f('ix_access_log_partner_id'), table_name='access_log')
    op.drop_index(op.f('ix_access_log_child_id'), table_name='access_log')
    op.drop_table('access_log')
    op.drop_table('person')
    op.drop_table('partner')
    op.drop_table('child')
    op.execute("drop function refuse_change()")
