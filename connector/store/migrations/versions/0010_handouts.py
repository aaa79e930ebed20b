"""first passwords are handed out, set anew and destroyed, and each of it is written down."""

import sqlalchemy as sa
from alembic import op

import connector.store.columns

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

TIME = connector.store.columns.UtcTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table('first_passwords', schema=None) as batch_op:
        batch_op.alter_column('sealed', existing_type=sa.LargeBinary(), nullable=True)
        batch_op.add_column(sa.Column('destroyed_at', TIME, nullable=True))
        batch_op.add_column(sa.Column('destroyed_why', sa.String(length=20), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('sealed_for', sa.String(length=100), nullable=False, server_default=''))
    # So far each was sealed for the name that its row has: a renamed account came later than this table.
    op.execute("UPDATE first_passwords SET sealed_for = username")
    with op.batch_alter_table('first_passwords', schema=None) as batch_op:
        batch_op.alter_column('destroyed_why', server_default=None)
        batch_op.alter_column('sealed_for', server_default=None)
    op.create_table('password_reissues',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site', sa.String(length=40), nullable=False),
    sa.Column('username', sa.String(length=100), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.Column('sealed_for', sa.String(length=100), nullable=False),
    sa.Column('asked_by', sa.Text(), nullable=False),
    sa.Column('asked_at', TIME, nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('settled_at', TIME, nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_password_reissues'))
    )
    with op.batch_alter_table('password_reissues', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_password_reissues_site_username'), ['site', 'username'], unique=False)
    op.create_table('handouts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('programme', sa.String(length=80), nullable=False),
    sa.Column('site', sa.String(length=40), nullable=False),
    sa.Column('province_code', sa.String(length=2), nullable=False),
    sa.Column('handed_by', sa.Text(), nullable=False),
    sa.Column('at', TIME, nullable=False),
    sa.Column('form', sa.String(length=20), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('file', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handouts'))
    )
    with op.batch_alter_table('handouts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_handouts_programme_province_code'), ['programme', 'province_code'], unique=False)
    op.create_table('handout_people',
    sa.Column('handout_id', sa.Integer(), nullable=False),
    sa.Column('site', sa.String(length=40), nullable=False),
    sa.Column('username', sa.String(length=100), nullable=False),
    sa.ForeignKeyConstraint(['handout_id'], ['handouts.id'], name=op.f('fk_handout_people_handout_id_handouts')),
    sa.PrimaryKeyConstraint('handout_id', 'username', name=op.f('pk_handout_people'))
    )
    with op.batch_alter_table('handout_people', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_handout_people_site_username'), ['site', 'username'], unique=False)


def downgrade() -> None:
    op.drop_table('handout_people')
    op.drop_table('handouts')
    op.drop_table('password_reissues')
    # The older connector knows no destroyed passwords.
    op.execute("DELETE FROM first_passwords WHERE sealed IS NULL")
    with op.batch_alter_table('first_passwords', schema=None) as batch_op:
        batch_op.drop_column('sealed_for')
        batch_op.drop_column('destroyed_why')
        batch_op.drop_column('destroyed_at')
        batch_op.alter_column('sealed', existing_type=sa.LargeBinary(), nullable=False)
