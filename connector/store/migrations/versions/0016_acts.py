"""acts: who exported, looked up or corrected whose data, append-only and chained."""

import sqlalchemy as sa
from alembic import op

import connector.store.columns

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'acts',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('at', connector.store.columns.UtcTime(timezone=True), nullable=False),
        sa.Column('act', sa.String(length=40), nullable=False),
        sa.Column('who', sa.String(length=100), nullable=False),
        sa.Column('via', sa.String(length=20), nullable=False),
        sa.Column('phone', sa.String(length=20), nullable=False),
        sa.Column('salt', sa.String(length=32), nullable=False),
        sa.Column('subject', sa.String(length=64), nullable=False),
        sa.Column('what', sa.Text(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('previous', sa.String(length=64), nullable=False),
        sa.Column('hash', sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_acts')),
    )
    op.create_index(op.f('ix_acts_at'), 'acts', ['at'], unique=False)
    op.create_index(op.f('ix_acts_phone'), 'acts', ['phone'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_acts_phone'), table_name='acts')
    op.drop_index(op.f('ix_acts_at'), table_name='acts')
    op.drop_table('acts')
