"""Since when a certificate issue whose loss is held has not been shown."""

import sqlalchemy as sa
from alembic import op

from connector.store.columns import UtcTime

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('mirror_issues') as batch_op:
        batch_op.add_column(sa.Column('missing_since', UtcTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('mirror_issues') as batch_op:
        batch_op.drop_column('missing_since')
