"""programmes on several sites: topics by site, and where each certificate stands.

Until now a programme had one site: that of its mirror for the topics, that of the last push for its certificates. A list
of topics of which no reading is noted goes; the next mirror run writes it anew.
"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

MIRRORED_FROM = (
    "SELECT site FROM mirror_parts WHERE mirror_parts.programme = mirror_topics.programme"
    " AND mirror_parts.part = 'topics' ORDER BY read_at DESC LIMIT 1"
)
PUSHED_TO = (
    "SELECT site FROM runs WHERE runs.programme = register.programme AND runs.job = 'certify' ORDER BY id DESC LIMIT 1"
)


def upgrade() -> None:
    op.add_column('mirror_topics', sa.Column('site', sa.String(length=40), nullable=True))
    op.execute(f"UPDATE mirror_topics SET site = ({MIRRORED_FROM})")
    op.execute("DELETE FROM mirror_topics WHERE site IS NULL")
    with op.batch_alter_table('mirror_topics', schema=None) as batch_op:
        batch_op.alter_column('site', existing_type=sa.String(length=40), nullable=False)
        batch_op.drop_constraint(op.f('pk_mirror_topics'), type_='primary')
        batch_op.create_primary_key(op.f('pk_mirror_topics'), ['site', 'programme', 'topic'])
    op.add_column('register', sa.Column('site', sa.String(length=40), nullable=True))
    op.execute(f"UPDATE register SET site = COALESCE(({PUSHED_TO}), '') WHERE granted_at IS NOT NULL")
    op.execute("UPDATE register SET site = '' WHERE site IS NULL")
    with op.batch_alter_table('register', schema=None) as batch_op:
        batch_op.alter_column('site', existing_type=sa.String(length=40), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table('register', schema=None) as batch_op:
        batch_op.drop_column('site')
    # One list for each programme again; what stands of other sites comes back with the next mirror run.
    op.execute(
        "DELETE FROM mirror_topics WHERE site <> (SELECT MIN(one.site) FROM mirror_topics AS one"
        " WHERE one.programme = mirror_topics.programme)"
    )
    with op.batch_alter_table('mirror_topics', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('pk_mirror_topics'), type_='primary')
        batch_op.create_primary_key(op.f('pk_mirror_topics'), ['programme', 'topic'])
        batch_op.drop_column('site')
