"""the mirror with runs, history, times of reading and a quarantine.

The bookmarks go: they said nothing of programmes, and without one the next run reads a part as a whole.
"""

import sqlalchemy as sa
from alembic import op

import connector.store.columns

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

TIME = connector.store.columns.UtcTime(timezone=True)
MIRRORED = ('mirror_accounts', 'mirror_memberships', 'mirror_enrolments', 'mirror_results', 'mirror_issues')


def _marks() -> list[sa.Column]:
    return [
        sa.Column('first_seen', TIME, nullable=False),
        sa.Column('last_changed', TIME, nullable=False),
        sa.Column('gone_at', TIME, nullable=True),
        sa.Column('run_id', sa.Integer(), nullable=True),
    ]


def upgrade() -> None:
    for table in MIRRORED:
        op.add_column(table, sa.Column('run_id', sa.Integer(), nullable=True))
    op.add_column('mirror_results', sa.Column('overridden_by', sa.String(length=40), nullable=False, server_default=''))
    with op.batch_alter_table('mirror_results', schema=None) as batch_op:
        batch_op.alter_column('overridden_by', server_default=None)
    op.add_column('mirror_issues', sa.Column('gone_at', TIME, nullable=True))
    op.add_column('mirror_issues', sa.Column('last_changed', TIME, nullable=True))
    op.execute('UPDATE mirror_issues SET last_changed = first_seen')
    with op.batch_alter_table('mirror_issues', schema=None) as batch_op:
        batch_op.alter_column('last_changed', nullable=False)
    op.create_table('mirror_cohorts',
    sa.Column('site', sa.String(length=40), nullable=False),
    sa.Column('cohort', sa.String(length=100), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    *_marks(),
    sa.PrimaryKeyConstraint('site', 'cohort', name=op.f('pk_mirror_cohorts'))
    )
    op.create_table('mirror_courses',
    sa.Column('site', sa.String(length=40), nullable=False),
    sa.Column('course', sa.String(length=100), nullable=False),
    sa.Column('remote_id', sa.String(length=40), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    *_marks(),
    sa.PrimaryKeyConstraint('site', 'course', name=op.f('pk_mirror_courses'))
    )
    op.create_table('mirror_topics',
    sa.Column('programme', sa.String(length=80), nullable=False),
    sa.Column('topic', sa.String(length=64), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('hours', sa.Float(), nullable=True),
    sa.Column('course', sa.String(length=100), nullable=False),
    sa.Column('activity', sa.String(length=100), nullable=False),
    sa.Column('remote_id', sa.String(length=40), nullable=False),
    sa.Column('remote_name', sa.Text(), nullable=False),
    *_marks(),
    sa.PrimaryKeyConstraint('programme', 'topic', name=op.f('pk_mirror_topics'))
    )
    op.create_table('mirror_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site', sa.String(length=40), nullable=False),
    sa.Column('part', sa.String(length=20), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('username', sa.String(length=100), nullable=False),
    sa.Column('what', sa.String(length=20), nullable=False),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.Column('at', TIME, nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mirror_events'))
    )
    with op.batch_alter_table('mirror_events', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mirror_events_run_id'), ['run_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_mirror_events_site_username'), ['site', 'username'], unique=False)
    op.create_table('mirror_parts',
    sa.Column('site', sa.String(length=40), nullable=False),
    sa.Column('programme', sa.String(length=80), nullable=False),
    sa.Column('part', sa.String(length=20), nullable=False),
    sa.Column('bookmark', TIME, nullable=True),
    sa.Column('read_at', TIME, nullable=False),
    sa.Column('whole_at', TIME, nullable=True),
    sa.Column('seen', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('site', 'programme', 'part', name=op.f('pk_mirror_parts'))
    )
    op.create_table('mirror_reads',
    sa.Column('site', sa.String(length=40), nullable=False),
    sa.Column('topics', sa.String(length=16), nullable=False),
    sa.Column('username', sa.String(length=100), nullable=False),
    sa.Column('read_at', TIME, nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('site', 'topics', 'username', name=op.f('pk_mirror_reads'))
    )
    op.create_table('quarantine',
    sa.Column('site', sa.String(length=40), nullable=False),
    sa.Column('part', sa.String(length=20), nullable=False),
    sa.Column('place', sa.String(length=255), nullable=False),
    sa.Column('username', sa.String(length=100), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('raw', sa.Text(), nullable=False),
    sa.Column('first_seen', TIME, nullable=False),
    sa.Column('last_seen', TIME, nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('site', 'part', 'place', 'username', name=op.f('pk_quarantine'))
    )
    op.drop_table('bookmarks')


def downgrade() -> None:
    op.create_table('bookmarks',
    sa.Column('site', sa.String(length=40), nullable=False),
    sa.Column('part', sa.String(length=255), nullable=False),
    sa.Column('at', TIME, nullable=False),
    sa.PrimaryKeyConstraint('site', 'part', name=op.f('pk_bookmarks'))
    )
    for table in ('quarantine', 'mirror_reads', 'mirror_parts', 'mirror_events', 'mirror_topics', 'mirror_courses', 'mirror_cohorts'):
        op.drop_table(table)
    with op.batch_alter_table('mirror_issues', schema=None) as batch_op:
        batch_op.drop_column('last_changed')
        batch_op.drop_column('gone_at')
    with op.batch_alter_table('mirror_results', schema=None) as batch_op:
        batch_op.drop_column('overridden_by')
    for table in MIRRORED:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column('run_id')
