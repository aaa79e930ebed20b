"""attendance and results from outside the platform."""

import sqlalchemy as sa
from alembic import op

import connector.store.columns

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

TIME = connector.store.columns.UtcTime(timezone=True)


def upgrade() -> None:
    op.create_table('outside_results',
    sa.Column('programme', sa.String(length=80), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('value', sa.Float(), nullable=True),
    sa.Column('at', TIME, nullable=False),
    sa.Column('file', sa.Text(), nullable=False),
    sa.Column('sheet', sa.Text(), nullable=False),
    sa.Column('source_row', sa.Integer(), nullable=False),
    sa.Column('first_seen', TIME, nullable=False),
    sa.Column('last_changed', TIME, nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('programme', 'phone', 'kind', 'key', name=op.f('pk_outside_results'))
    )


def downgrade() -> None:
    op.drop_table('outside_results')
