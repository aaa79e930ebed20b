"""the people of a province are found by an index that also sorts them.

With the old index SQLite read everybody of the programme for each of its 34 provinces, because of the order by phone.
"""

from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

OLD, NEW = 'ix_registrations_programme_province_code', 'ix_registrations_programme_province_code_phone'


def upgrade() -> None:
    op.drop_index(OLD, table_name='registrations')
    op.create_index(NEW, 'registrations', ['programme', 'province_code', 'phone'])


def downgrade() -> None:
    op.drop_index(NEW, table_name='registrations')
    op.create_index(OLD, 'registrations', ['programme', 'province_code'])
