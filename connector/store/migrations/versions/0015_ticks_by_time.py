"""ticks by time: the history of jobs is read from its end, however long it is."""

from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f('ix_ticks_due_at'), 'ticks', ['due_at'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_ticks_due_at'), table_name='ticks')
