"""Offices, absences, waiting list, reminders, e-mail, sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Instant


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('offices',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('region', sa.String(length=2), nullable=False),
    sa.Column('address', sa.String(length=300), nullable=True),
    sa.Column('timezone', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offices'))
    )
    op.create_table('sessions',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('organisation', sa.String(length=200), nullable=False),
    sa.Column('region', sa.String(length=2), nullable=False),
    sa.Column('place', sa.String(length=300), nullable=True),
    sa.Column('is_online', sa.Boolean(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('seats', sa.Integer(), nullable=False),
    sa.Column('is_cancelled', sa.Boolean(), server_default=sa.text('(false)'), nullable=False),
    sa.Column('is_demonstration', sa.Boolean(), server_default=sa.text('(false)'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions'))
    )
    op.create_table('email_outbox',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('conversation_id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('values', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('due_at', Instant(timezone=True), nullable=False),
    sa.Column('claimed_until', Instant(timezone=True), nullable=True),
    sa.Column('error', sa.String(length=200), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_email_outbox_conversation_id_conversations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_email_outbox'))
    )
    with op.batch_alter_table('email_outbox', schema=None) as batch_op:
        batch_op.create_index('ix_email_outbox_due', ['state', 'due_at'], unique=False)

    op.create_table('preferences',
    sa.Column('conversation_id', sa.String(length=64), nullable=False),
    sa.Column('reminders_on', sa.Boolean(), server_default=sa.text('(true)'), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_preferences_conversation_id_conversations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('conversation_id', name=op.f('pk_preferences'))
    )
    op.create_table('registrations',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('session_id', sa.String(length=64), nullable=False),
    sa.Column('conversation_id', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('seat', sa.Integer(), nullable=True),
    sa.Column('asked_at', Instant(timezone=True), nullable=False),
    sa.Column('offered_until', Instant(timezone=True), nullable=True),
    sa.Column('completed_on', sa.Date(), nullable=True),
    sa.Column('is_confirmed', sa.Boolean(), server_default=sa.text('(false)'), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_registrations_conversation_id_conversations'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_registrations_session_id_sessions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_registrations')),
    sa.UniqueConstraint('session_id', 'seat', name=op.f('uq_registrations_session_id_seat'))
    )
    with op.batch_alter_table('registrations', schema=None) as batch_op:
        batch_op.create_index('uq_registrations_person', ['session_id', 'conversation_id'], unique=True, postgresql_where=sa.text("state <> 'withdrawn'"), sqlite_where=sa.text("state <> 'withdrawn'"))

    op.create_table('reminders',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('conversation_id', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.String(length=16), nullable=False),
    sa.Column('subject_id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('due_at', Instant(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('claimed_until', Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_reminders_conversation_id_conversations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminders')),
    sa.UniqueConstraint('subject', 'subject_id', 'kind', name=op.f('uq_reminders_subject_subject_id_kind'))
    )
    with op.batch_alter_table('reminders', schema=None) as batch_op:
        batch_op.create_index('ix_reminders_due', ['state', 'due_at'], unique=False)

    op.create_table('session_days',
    sa.Column('session_id', sa.String(length=64), nullable=False),
    sa.Column('begins_at', Instant(timezone=True), nullable=False),
    sa.Column('ends_at', Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_session_days_session_id_sessions'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('session_id', 'begins_at', name=op.f('pk_session_days'))
    )
    op.create_table('waiting_list',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('conversation_id', sa.String(length=64), nullable=False),
    sa.Column('arrival', sa.Date(), nullable=False),
    sa.Column('due', sa.Date(), nullable=False),
    sa.Column('region', sa.String(length=2), nullable=False),
    sa.Column('mode', sa.String(length=16), nullable=False),
    sa.Column('is_mode_firm', sa.Boolean(), server_default=sa.text('(false)'), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('joined_at', Instant(timezone=True), nullable=False),
    sa.Column('sooner_than', Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_waiting_list_conversation_id_conversations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiting_list')),
    sa.UniqueConstraint('conversation_id', name=op.f('uq_waiting_list_conversation_id'))
    )
    op.create_table('absences',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('agent_id', sa.String(length=64), nullable=False),
    sa.Column('begins_at', Instant(timezone=True), nullable=False),
    sa.Column('ends_at', Instant(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_absences_agent_id_agents'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absences'))
    )
    with op.batch_alter_table('absences', schema=None) as batch_op:
        batch_op.create_index('ix_absences_agent_id_ends_at', ['agent_id', 'ends_at'], unique=False)

    op.create_table('attendance',
    sa.Column('registration_id', sa.String(length=64), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('was_present', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['registration_id'], ['registrations.id'], name=op.f('fk_attendance_registration_id_registrations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('registration_id', 'day', name=op.f('pk_attendance'))
    )
    op.create_table('time_offers',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('conversation_id', sa.String(length=64), nullable=False),
    sa.Column('agent_id', sa.String(length=64), nullable=False),
    sa.Column('starts_at', Instant(timezone=True), nullable=False),
    sa.Column('mode', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=400), nullable=False),
    sa.Column('offered_at', Instant(timezone=True), nullable=False),
    sa.Column('expires_at', Instant(timezone=True), nullable=False),
    sa.Column('told_at', Instant(timezone=True), nullable=True),
    sa.Column('answered_at', Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['agent_id'], ['agents.id'], name=op.f('fk_time_offers_agent_id_agents')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_time_offers_conversation_id_conversations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_time_offers'))
    )
    with op.batch_alter_table('time_offers', schema=None) as batch_op:
        batch_op.create_index('uq_time_offers_person', ['conversation_id'], unique=True, postgresql_where=sa.text("state = 'open'"), sqlite_where=sa.text("state = 'open'"))
        batch_op.create_index('uq_time_offers_time', ['agent_id', 'starts_at'], unique=True, postgresql_where=sa.text("state = 'open'"), sqlite_where=sa.text("state = 'open'"))

    with op.batch_alter_table('agents', schema=None) as batch_op:
        batch_op.add_column(sa.Column('office_id', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('most_a_day', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('is_active', sa.Boolean(), server_default=sa.text('(true)'), nullable=False))
        batch_op.create_foreign_key(batch_op.f('fk_agents_office_id_offices'), 'offices', ['office_id'], ['id'])

    with op.batch_alter_table('meetings', schema=None) as batch_op:
        batch_op.add_column(sa.Column('link_digest', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('is_kept', sa.Boolean(), server_default=sa.text('(false)'), nullable=False))
        batch_op.create_unique_constraint(batch_op.f('uq_meetings_link_digest'), ['link_digest'])



def downgrade() -> None:
    with op.batch_alter_table('meetings', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_meetings_link_digest'), type_='unique')
        batch_op.drop_column('is_kept')
        batch_op.drop_column('link_digest')

    with op.batch_alter_table('agents', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_agents_office_id_offices'), type_='foreignkey')
        batch_op.drop_column('is_active')
        batch_op.drop_column('most_a_day')
        batch_op.drop_column('office_id')

    with op.batch_alter_table('time_offers', schema=None) as batch_op:
        batch_op.drop_index('uq_time_offers_time', postgresql_where=sa.text("state = 'open'"), sqlite_where=sa.text("state = 'open'"))
        batch_op.drop_index('uq_time_offers_person', postgresql_where=sa.text("state = 'open'"), sqlite_where=sa.text("state = 'open'"))

    op.drop_table('time_offers')
    op.drop_table('attendance')
    with op.batch_alter_table('absences', schema=None) as batch_op:
        batch_op.drop_index('ix_absences_agent_id_ends_at')

    op.drop_table('absences')
    op.drop_table('waiting_list')
    op.drop_table('session_days')
    with op.batch_alter_table('reminders', schema=None) as batch_op:
        batch_op.drop_index('ix_reminders_due')

    op.drop_table('reminders')
    with op.batch_alter_table('registrations', schema=None) as batch_op:
        batch_op.drop_index('uq_registrations_person', postgresql_where=sa.text("state <> 'withdrawn'"), sqlite_where=sa.text("state <> 'withdrawn'"))

    op.drop_table('registrations')
    op.drop_table('preferences')
    with op.batch_alter_table('email_outbox', schema=None) as batch_op:
        batch_op.drop_index('ix_email_outbox_due')

    op.drop_table('email_outbox')
    op.drop_table('sessions')
    op.drop_table('offices')
