"""who has approved which plan."""

import sqlalchemy as sa
from alembic import op

import connector.store.columns

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

TIME = connector.store.columns.UtcTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'approvals',
        sa.Column('checksum', sa.String(length=64), nullable=False),
        sa.Column('approver', sa.String(length=200), nullable=False),
        sa.Column('author', sa.String(length=200), nullable=False),
        sa.Column('site', sa.String(length=40), nullable=False),
        sa.Column('programme', sa.String(length=80), nullable=False),
        sa.Column('approved_at', TIME, nullable=False),
        sa.PrimaryKeyConstraint('checksum', 'approver', name=op.f('pk_approvals')),
    )


def downgrade() -> None:
    op.drop_table('approvals')
