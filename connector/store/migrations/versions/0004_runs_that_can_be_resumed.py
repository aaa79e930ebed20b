"""runs that can be resumed: a plan's changes are in the journal from its begin; who ran what; leases."""

import sqlalchemy as sa
from alembic import op

import connector.store.columns

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

TIME = connector.store.columns.UtcTime(timezone=True)
# A stored change is a list: action, kind, before, after, province, ... (connector/sync/codec.py)
PROVINCE = {'sqlite': "json_extract(change, '$[4]')", 'postgresql': "(change::json ->> 4)"}


def upgrade() -> None:
    with op.batch_alter_table('runs', schema=None) as batch_op:
        batch_op.add_column(sa.Column('who', sa.String(length=100), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('trigger', sa.String(length=20), nullable=False, server_default='hand'))
        batch_op.add_column(sa.Column('message', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('terms', sa.JSON(), nullable=False, server_default='{}'))
    with op.batch_alter_table('runs', schema=None) as batch_op:
        for name in ('who', 'trigger', 'message', 'terms'):
            batch_op.alter_column(name, server_default=None)
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.add_column(sa.Column('province_code', sa.String(length=2), nullable=False, server_default=''))
        batch_op.alter_column('sent_at', existing_type=TIME, nullable=True)
    province = PROVINCE[op.get_bind().dialect.name]
    op.execute(f"UPDATE journal SET province_code = coalesce({province}, '') WHERE change LIKE '[%'")
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.alter_column('province_code', server_default=None)
    op.create_table(
        'leases',
        sa.Column('name', sa.String(length=100), nullable=False),
        sa.Column('token', sa.String(length=32), nullable=False),
        sa.Column('who', sa.String(length=100), nullable=False),
        sa.Column('host', sa.String(length=255), nullable=False),
        sa.Column('machine', sa.String(length=100), nullable=False),
        sa.Column('pid', sa.Integer(), nullable=False),
        sa.Column('run_id', sa.Integer(), nullable=True),
        sa.Column('since', TIME, nullable=False),
        sa.Column('beats_at', TIME, nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_leases')),
    )


def downgrade() -> None:
    op.drop_table('leases')
    # The older connector knows only what was sent.
    op.execute("DELETE FROM journal WHERE sent_at IS NULL")
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.alter_column('sent_at', existing_type=TIME, nullable=False)
        batch_op.drop_column('province_code')
    with op.batch_alter_table('runs', schema=None) as batch_op:
        for name in ('terms', 'message', 'trigger', 'who'):
            batch_op.drop_column(name)
