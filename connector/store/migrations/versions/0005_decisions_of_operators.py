"""decisions of operators: hand edits kept or restored, changed phone numbers."""

import sqlalchemy as sa
from alembic import op

import connector.store.columns

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

TIME = connector.store.columns.UtcTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'hand_decisions',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('site', sa.String(length=40), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('container', sa.String(length=255), nullable=False),
        sa.Column('username', sa.String(length=100), nullable=False),
        sa.Column('field', sa.String(length=100), nullable=False),
        sa.Column('choice', sa.String(length=20), nullable=False),
        sa.Column('value', sa.JSON(), nullable=False),
        sa.Column('decided_by', sa.String(length=100), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('decided_at', TIME, nullable=False),
        sa.Column('ended_at', TIME, nullable=True),
        sa.Column('ended_by', sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_hand_decisions')),
    )
    op.create_index(op.f('ix_hand_decisions_site_username'), 'hand_decisions', ['site', 'username'])
    op.create_table(
        'renames',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('site', sa.String(length=40), nullable=False),
        sa.Column('old_username', sa.String(length=100), nullable=False),
        sa.Column('new_username', sa.String(length=100), nullable=False),
        sa.Column('old_phone', sa.String(length=20), nullable=False),
        sa.Column('new_phone', sa.String(length=20), nullable=False),
        sa.Column('programmes', sa.JSON(), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('decided_by', sa.String(length=100), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('decided_at', TIME, nullable=False),
        sa.Column('done_at', TIME, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_renames')),
    )
    op.create_index(op.f('ix_renames_site_new_username'), 'renames', ['site', 'new_username'])
    op.create_index(op.f('ix_renames_site_old_username'), 'renames', ['site', 'old_username'])


def downgrade() -> None:
    op.drop_table('renames')
    op.drop_table('hand_decisions')
