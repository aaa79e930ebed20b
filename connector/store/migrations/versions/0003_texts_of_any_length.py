"""texts out of files may have any length: PostgreSQL refuses what is longer than it was told, SQLite never did."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

COLUMNS = (
    ('roster_rows', 'sheet', 120),
    ('roster_rows', 'full_name', 255),
    ('roster_refusals', 'sheet', 120),
    ('registrations', 'sheet', 120),
    ('registrations', 'full_name', 255),
    ('register', 'full_name', 255),
    ('journal', 'code', 255),
)


def upgrade() -> None:
    for table, column, length in COLUMNS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column(column, existing_type=sa.String(length=length), type_=sa.Text(), existing_nullable=False)


def downgrade() -> None:
    for table, column, length in COLUMNS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column(column, existing_type=sa.Text(), type_=sa.String(length=length), existing_nullable=False)
