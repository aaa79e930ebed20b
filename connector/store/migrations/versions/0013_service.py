"""the unattended service: ticks, states of jobs, incidents, files taken."""

import sqlalchemy as sa
from alembic import op

import connector.store.columns

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

TIME = connector.store.columns.UtcTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'ticks',
        sa.Column('slot', sa.String(length=60), nullable=False),
        sa.Column('due_at', TIME, nullable=False),
        sa.Column('job', sa.String(length=40), nullable=False),
        sa.Column('province_code', sa.String(length=2), nullable=False),
        sa.Column('trigger', sa.String(length=20), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('started_at', TIME, nullable=False),
        sa.Column('finished_at', TIME, nullable=True),
        sa.Column('retry_at', TIME, nullable=True),
        sa.Column('counts', sa.JSON(), nullable=False),
        sa.Column('message', sa.Text(), nullable=False),
        sa.Column('run_id', sa.Integer(), nullable=True),
        sa.Column('file', sa.Text(), nullable=False),
        sa.Column('who', sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint('slot', 'due_at', name=op.f('pk_ticks')),
    )
    op.create_index(op.f('ix_ticks_job_due_at'), 'ticks', ['job', 'due_at'], unique=False)
    op.create_index(op.f('ix_ticks_state'), 'ticks', ['state'], unique=False)
    op.create_table(
        'job_states',
        sa.Column('job', sa.String(length=40), nullable=False),
        sa.Column('watched_since', TIME, nullable=False),
        sa.Column('paused_at', TIME, nullable=True),
        sa.Column('paused_by', sa.String(length=100), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('job', name=op.f('pk_job_states')),
    )
    op.create_table(
        'incidents',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(length=150), nullable=False),
        sa.Column('open_key', sa.String(length=150), nullable=True),
        sa.Column('opened_at', TIME, nullable=False),
        sa.Column('last_at', TIME, nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.Column('message', sa.Text(), nullable=False),
        sa.Column('tell_at', TIME, nullable=False),
        sa.Column('told_at', TIME, nullable=True),
        sa.Column('closed_at', TIME, nullable=True),
        sa.Column('over_told_at', TIME, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_incidents')),
        sa.UniqueConstraint('open_key', name=op.f('uq_incidents_open_key')),
    )
    op.create_table(
        'pickups',
        sa.Column('programme', sa.String(length=80), nullable=False),
        sa.Column('place', sa.String(length=10), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('at', TIME, nullable=False),
        sa.Column('archived', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('programme', 'place', 'name', 'sha256', name=op.f('pk_pickups')),
    )


def downgrade() -> None:
    op.drop_table('pickups')
    op.drop_table('incidents')
    op.drop_table('job_states')
    op.drop_index(op.f('ix_ticks_state'), table_name='ticks')
    op.drop_index(op.f('ix_ticks_job_due_at'), table_name='ticks')
    op.drop_table('ticks')
