"""two intakes: departments' lists and people's own forms; who was told of his account."""

import sqlalchemy as sa
from alembic import op

import connector.store.columns

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

TIME = connector.store.columns.UtcTime(timezone=True)


def upgrade() -> None:
    # All that was imported so far came in departments' lists, and whoever stands in one is confirmed.
    with op.batch_alter_table('roster_files', schema=None) as batch_op:
        batch_op.add_column(sa.Column('intake', sa.String(length=20), nullable=False, server_default='department'))
    with op.batch_alter_table('roster_files', schema=None) as batch_op:
        batch_op.alter_column('intake', server_default=None)
    with op.batch_alter_table('roster_rows', schema=None) as batch_op:
        batch_op.add_column(sa.Column('self_registered_at', TIME, nullable=True))
    with op.batch_alter_table('registrations', schema=None) as batch_op:
        batch_op.add_column(sa.Column('intake', sa.String(length=20), nullable=False, server_default='department'))
        batch_op.add_column(sa.Column('sources', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('self_registered_at', TIME, nullable=True))
        batch_op.add_column(sa.Column('informed_at', TIME, nullable=True))
    with op.batch_alter_table('registrations', schema=None) as batch_op:
        batch_op.alter_column('intake', server_default=None)
        batch_op.alter_column('sources', server_default=None)
    op.execute("UPDATE registrations SET state = 'confirmed' WHERE state = 'registered'")


def downgrade() -> None:
    # The older connector knows no self-registration: who is not confirmed is nobody to it.
    op.execute("UPDATE registrations SET state = 'left' WHERE state = 'registered'")
    op.execute("UPDATE registrations SET state = 'registered' WHERE state = 'confirmed'")
    with op.batch_alter_table('registrations', schema=None) as batch_op:
        batch_op.drop_column('informed_at')
        batch_op.drop_column('self_registered_at')
        batch_op.drop_column('sources')
        batch_op.drop_column('intake')
    with op.batch_alter_table('roster_rows', schema=None) as batch_op:
        batch_op.drop_column('self_registered_at')
    with op.batch_alter_table('roster_files', schema=None) as batch_op:
        batch_op.drop_column('intake')
