"""rules: what verdicts were judged on at a glance, versions of rules, exemptions, cases."""

import sqlalchemy as sa
from alembic import op

import connector.store.columns

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

TIME = connector.store.columns.UtcTime(timezone=True)


def upgrade() -> None:
    # An empty mark fits no facts, so everybody is judged anew once.
    with op.batch_alter_table('verdicts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('facts_mark', sa.String(length=120), nullable=False, server_default=''))
    with op.batch_alter_table('verdicts', schema=None) as batch_op:
        batch_op.alter_column('facts_mark', server_default=None)
    op.create_table(
        'rule_versions',
        sa.Column('programme', sa.String(length=80), nullable=False),
        sa.Column('version', sa.String(length=64), nullable=False),
        sa.Column('first_used_at', TIME, nullable=False),
        sa.Column('words', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('programme', 'version', name=op.f('pk_rule_versions')),
    )
    op.create_table(
        'exemptions',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('programme', sa.String(length=80), nullable=False),
        sa.Column('phone', sa.String(length=20), nullable=False),
        sa.Column('topic', sa.String(length=64), nullable=False),
        sa.Column('part', sa.String(length=64), nullable=False),
        sa.Column('decision', sa.Text(), nullable=False),
        sa.Column('decided_on', sa.Date(), nullable=False),
        sa.Column('recorded_by', sa.Text(), nullable=False),
        sa.Column('recorded_at', TIME, nullable=False),
        sa.Column('lifted_by', sa.Text(), nullable=True),
        sa.Column('lifted_at', TIME, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_exemptions')),
    )
    op.create_index(op.f('ix_exemptions_programme_phone'), 'exemptions', ['programme', 'phone'], unique=False)
    op.create_table(
        'cases',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('programme', sa.String(length=80), nullable=False),
        sa.Column('phone', sa.String(length=20), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('opened_at', TIME, nullable=False),
        sa.Column('facts', sa.JSON(), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('settled_at', TIME, nullable=True),
        sa.Column('settled_by', sa.Text(), nullable=True),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_cases')),
    )
    op.create_index(op.f('ix_cases_programme_phone'), 'cases', ['programme', 'phone'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_cases_programme_phone'), table_name='cases')
    op.drop_table('cases')
    op.drop_index(op.f('ix_exemptions_programme_phone'), table_name='exemptions')
    op.drop_table('exemptions')
    op.drop_table('rule_versions')
    with op.batch_alter_table('verdicts', schema=None) as batch_op:
        batch_op.drop_column('facts_mark')
