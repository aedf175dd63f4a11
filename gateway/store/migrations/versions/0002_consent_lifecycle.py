"""The life of a consent: acts, proposals, assessments, notices, legal routes, what was decided on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


# A grant names everything; for the other decisions null means any (rules of sharing, section 8).
GRANT = (
    "effect <> 'grant' or (classes is not null and purpose is not null"
    " and partner is not null and until is not null)"
)
RUNNING = (
    "effect = 'grant' and withdrawn_at is null and superseded_at is null"
    " and ended_at is null"
)
# INVARIANT: what a family did, and what was decided on, is never changed.
APPEND_ONLY = """
create or replace function refuse_change() returns trigger language plpgsql as $$
begin raise exception '% is append-only', tg_table_name; end $$;
create trigger append_only before update or delete or truncate on consent_event
for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on decision_basis
for each statement execute function refuse_change();
"""
CHANGEABLE = """
drop trigger append_only on consent_event;
drop trigger append_only on decision_basis;
"""


def upgrade() -> None:
    op.create_table('decision_basis',
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('first_used_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_decision_basis'))
    )
    op.create_table('capacity_assessment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('reasons', sa.LargeBinary(), nullable=True),
    sa.Column('assessor', sa.LargeBinary(), nullable=False),
    sa.Column('assessed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('contested_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('contested_by', sa.Uuid(), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_capacity_assessment_child')),
    sa.ForeignKeyConstraint(['contested_by'], ['person.id'], name=op.f('fk_capacity_assessment_contested_by')),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_capacity_assessment_partner')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_capacity_assessment'))
    )
    op.create_index(op.f('ix_capacity_assessment_child_assessed_at'), 'capacity_assessment', ['child', 'assessed_at'], unique=False)
    op.create_table('consent_proposal',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('classes', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_consent_proposal_child')),
    sa.ForeignKeyConstraint(['partner'], ['partner.id'], name=op.f('fk_consent_proposal_partner')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent_proposal')),
    sa.UniqueConstraint('child', 'partner', 'purpose', 'proposed_at', name=op.f('uq_consent_proposal_child_partner_purpose_proposed_at'))
    )
    op.create_table('family_notice',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('person', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('release_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_family_notice_child')),
    sa.ForeignKeyConstraint(['person'], ['person.id'], name=op.f('fk_family_notice_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_family_notice')),
    sa.UniqueConstraint('person', 'kind', 'subject', 'day', name=op.f('uq_family_notice_person_kind_subject_day'))
    )
    op.create_index(op.f('ix_family_notice_person_release_at'), 'family_notice', ['person', 'release_at'], unique=False)
    op.create_table('legal_route',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('ground', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('resources', postgresql.ARRAY(sa.Uuid()), nullable=False),
    sa.Column('record', sa.LargeBinary(), nullable=False),
    sa.Column('complete', sa.Boolean(), nullable=False),
    sa.Column('idempotency_key', sa.LargeBinary(), nullable=False),
    sa.Column('said', sa.LargeBinary(), nullable=False),
    sa.Column('invoked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('review_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('notify_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_legal_route_child')),
    sa.ForeignKeyConstraint(['recipient'], ['partner.id'], name=op.f('fk_legal_route_recipient')),
    sa.ForeignKeyConstraint(['source'], ['partner.id'], name=op.f('fk_legal_route_source')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_route')),
    sa.UniqueConstraint('source', 'idempotency_key', name=op.f('uq_legal_route_source_idempotency_key'))
    )
    op.create_index('ix_legal_route_child', 'legal_route', ['child', 'invoked_at'], unique=False)
    op.create_index('ix_legal_route_running', 'legal_route', ['recipient', 'child'], unique=False, postgresql_where=sa.text('ended_at is null'))
    op.create_table('relayed_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('holder', sa.Text(), nullable=False),
    sa.Column('asked_by', sa.Text(), nullable=False),
    sa.Column('question', sa.LargeBinary(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['asked_by'], ['partner.id'], name=op.f('fk_relayed_request_asked_by')),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_relayed_request_child')),
    sa.ForeignKeyConstraint(['holder'], ['partner.id'], name=op.f('fk_relayed_request_holder')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_relayed_request'))
    )
    op.create_index('ix_relayed_request_open', 'relayed_request', ['holder'], unique=False, postgresql_where=sa.text('closed_at is null'))
    op.create_table('consent_event',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('consent', sa.Uuid(), nullable=False),
    sa.Column('act', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['consent'], ['consent.id'], name=op.f('fk_consent_event_consent')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent_event'))
    )
    op.create_index(op.f('ix_consent_event_consent_id'), 'consent_event', ['consent', 'id'], unique=False)
    op.create_table('proposal_answer',
    sa.Column('proposal', sa.Uuid(), nullable=False),
    sa.Column('person', sa.Uuid(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('consent', sa.Uuid(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['consent'], ['consent.id'], name=op.f('fk_proposal_answer_consent')),
    sa.ForeignKeyConstraint(['person'], ['person.id'], name=op.f('fk_proposal_answer_person')),
    sa.ForeignKeyConstraint(['proposal'], ['consent_proposal.id'], name=op.f('fk_proposal_answer_proposal')),
    sa.PrimaryKeyConstraint('proposal', 'person', name=op.f('pk_proposal_answer'))
    )
    op.create_table('route_review',
    sa.Column('route', sa.Uuid(), nullable=False),
    sa.Column('capacity', sa.Text(), nullable=False),
    sa.Column('reviewer', sa.Text(), nullable=False),
    sa.Column('finding', sa.Text(), nullable=False),
    sa.Column('reasons', sa.LargeBinary(), nullable=False),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['route'], ['legal_route.id'], name=op.f('fk_route_review_route')),
    sa.PrimaryKeyConstraint('route', 'capacity', name=op.f('pk_route_review'))
    )
    op.create_table('calendar_day',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('reached', sa.Uuid(), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_calendar_day'))
    )
    op.create_table('age_event',
    sa.Column('child', sa.Uuid(), nullable=False),
    sa.Column('event', sa.Text(), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['child'], ['child.id'], name=op.f('fk_age_event_child')),
    sa.PrimaryKeyConstraint('child', 'event', name=op.f('pk_age_event'))
    )
    op.add_column('access_log', sa.Column('basis', sa.LargeBinary(), nullable=True))
    op.add_column('access_log', sa.Column('rules_version', sa.Text(), nullable=True))
    op.add_column('consent', sa.Column('giver', sa.Text(), server_default='parent', nullable=False))
    op.add_column('consent', sa.Column('sources', postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column('consent', sa.Column('assisted_by', sa.Text(), nullable=True))
    op.add_column('consent', sa.Column('rules_version', sa.Text(), nullable=True))
    op.add_column('consent', sa.Column('supersedes', sa.Uuid(), nullable=True))
    op.add_column('consent', sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('consent', sa.Column('contested_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('consent', sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_consent_until', 'consent', ['until'], unique=False, postgresql_where=sa.text(RUNNING))
    op.alter_column('consent', 'classes',
               existing_type=postgresql.ARRAY(sa.Text()),
               nullable=True)
    op.alter_column('consent', 'purpose',
               existing_type=sa.TEXT(),
               nullable=True)
    op.alter_column('consent', 'partner',
               existing_type=sa.TEXT(),
               nullable=True)
    op.alter_column('consent', 'until',
               existing_type=sa.DATE(),
               nullable=True)
    op.create_foreign_key(op.f('fk_consent_supersedes'), 'consent', 'consent', ['supersedes'], ['id'])
    op.add_column('delivery', sa.Column('route', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_delivery_route'), 'delivery', 'legal_route', ['route'], ['id'])
    op.add_column('delivery', sa.Column('notice', sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f('fk_delivery_notice'), 'delivery', 'outbox', ['notice'], ['id'])
    op.add_column('outbox', sa.Column('route', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_outbox_route'), 'outbox', 'legal_route', ['route'], ['id'])
    op.add_column('partner', sa.Column('merged_into', sa.Text(), nullable=True))
    op.add_column('partner', sa.Column('predecessors', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False))
    op.add_column('partner', sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('partner', sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(op.f('fk_partner_merged_into'), 'partner', 'partner', ['merged_into'], ['id'])
    op.alter_column('review_item', 'receipt', existing_type=sa.Uuid(), nullable=True)
    op.create_check_constraint(op.f('ck_consent_a_grant_names_everything'), 'consent', GRANT)
    op.execute(APPEND_ONLY)



def downgrade() -> None:
    op.execute(CHANGEABLE)
    op.drop_constraint(op.f('ck_consent_a_grant_names_everything'), 'consent', type_='check')
    op.drop_column('partner', 'settled_at')
    op.drop_column('partner', 'ended_at')
    op.execute("delete from review_item where receipt is null")
    op.alter_column('review_item', 'receipt', existing_type=sa.Uuid(), nullable=False)
    op.drop_column('partner', 'predecessors')
    op.drop_constraint(op.f('fk_partner_merged_into'), 'partner', type_='foreignkey')
    op.drop_column('partner', 'merged_into')
    op.drop_constraint(op.f('fk_outbox_route'), 'outbox', type_='foreignkey')
    op.drop_column('outbox', 'route')
    op.drop_constraint(op.f('fk_delivery_notice'), 'delivery', type_='foreignkey')
    op.drop_column('delivery', 'notice')
    op.drop_constraint(op.f('fk_delivery_route'), 'delivery', type_='foreignkey')
    op.drop_column('delivery', 'route')
    op.drop_constraint(op.f('fk_consent_supersedes'), 'consent', type_='foreignkey')
    op.alter_column('consent', 'until',
               existing_type=sa.DATE(),
               nullable=False)
    op.alter_column('consent', 'partner',
               existing_type=sa.TEXT(),
               nullable=False)
    op.alter_column('consent', 'purpose',
               existing_type=sa.TEXT(),
               nullable=False)
    op.alter_column('consent', 'classes',
               existing_type=postgresql.ARRAY(sa.Text()),
               nullable=False)
    op.drop_index('ix_consent_until', table_name='consent', postgresql_where=sa.text(RUNNING))
    op.drop_column('consent', 'ended_at')
    op.drop_column('consent', 'contested_at')
    op.drop_column('consent', 'superseded_at')
    op.drop_column('consent', 'supersedes')
    op.drop_column('consent', 'rules_version')
    op.drop_column('consent', 'assisted_by')
    op.drop_column('consent', 'sources')
    op.drop_column('consent', 'giver')
    op.drop_column('access_log', 'rules_version')
    op.drop_column('access_log', 'basis')
    op.drop_table('age_event')
    op.drop_table('calendar_day')
    op.drop_table('route_review')
    op.drop_table('proposal_answer')
    op.drop_index(op.f('ix_consent_event_consent_id'), table_name='consent_event')
    op.drop_table('consent_event')
    op.drop_index('ix_relayed_request_open', table_name='relayed_request', postgresql_where=sa.text('closed_at is null'))
    op.drop_table('relayed_request')
    op.drop_index('ix_legal_route_running', table_name='legal_route', postgresql_where=sa.text('ended_at is null'))
    op.drop_index('ix_legal_route_child', table_name='legal_route')
    op.drop_table('legal_route')
    op.drop_index(op.f('ix_family_notice_person_release_at'), table_name='family_notice')
    op.drop_table('family_notice')
    op.drop_table('consent_proposal')
    op.drop_index(op.f('ix_capacity_assessment_child_assessed_at'), table_name='capacity_assessment')
    op.drop_table('capacity_assessment')
    op.drop_table('decision_basis')
