"""What was missing from a reading of the mirror and is not believed."""

import sqlalchemy as sa
from alembic import op

from connector.store.columns import UtcTime

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'mirror_holds',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('site', sa.String(length=40), nullable=False),
        sa.Column('programme', sa.String(length=80), nullable=False),
        sa.Column('part', sa.String(length=20), nullable=False),
        sa.Column('measure', sa.String(length=40), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('before', sa.Integer(), nullable=False),
        sa.Column('lost', sa.Integer(), nullable=False),
        sa.Column('since', UtcTime(), nullable=False),
        sa.Column('last_at', UtcTime(), nullable=False),
        sa.Column('run_id', sa.Integer(), nullable=True),
        sa.Column('accepted_at', UtcTime(), nullable=True),
        sa.Column('accepted_by', sa.Text(), nullable=True),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.Column('ended_at', UtcTime(), nullable=True),
        sa.Column('ended_how', sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_mirror_holds')),
    )
    op.create_index(op.f('ix_mirror_holds_site_programme'), 'mirror_holds', ['site', 'programme'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_mirror_holds_site_programme'), table_name='mirror_holds')
    op.drop_table('mirror_holds')
