"""Which installation this is, which sites it is bound to, and the marks that it has left there."""

import sqlalchemy as sa
from alembic import op

from connector.store.columns import UtcTime

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'installations',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('installation', sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_installations')),
    )
    op.create_table(
        'site_bonds',
        sa.Column('site', sa.String(length=80), nullable=False),
        sa.Column('address', sa.Text(), nullable=False),
        sa.Column('bound_at', UtcTime(timezone=True), nullable=False),
        sa.Column('bound_by', sa.String(length=100), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('site', name=op.f('pk_site_bonds')),
    )
    op.create_table(
        'site_marks',
        sa.Column('site', sa.String(length=80), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('nonce', sa.String(length=16), nullable=False),
        sa.Column('announced_at', UtcTime(timezone=True), nullable=False),
        sa.Column('confirmed', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('site', 'number', name=op.f('pk_site_marks')),
    )
    op.create_table(
        'book_heads',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('head', sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_book_heads')),
    )


def downgrade() -> None:
    op.drop_table('book_heads')
    op.drop_table('site_marks')
    op.drop_table('site_bonds')
    op.drop_table('installations')
