"""the register's books, frozen facts of a certificate, and what people did to it."""

import sqlalchemy as sa
from alembic import op

import connector.store.columns

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

TIME = connector.store.columns.UtcTime(timezone=True)
TEXTS = ('approved_by', 'programme_name', 'title', 'signer', 'decision')


def upgrade() -> None:
    with op.batch_alter_table('register_books', schema=None) as batch_op:
        batch_op.alter_column('programme', new_column_name='book', existing_type=sa.String(length=80),
                              existing_nullable=False)
    with op.batch_alter_table('register', schema=None) as batch_op:
        batch_op.add_column(sa.Column('commune_code', sa.String(length=5), nullable=True))
        batch_op.add_column(sa.Column('withdrawn_at', TIME, nullable=True))
        batch_op.add_column(sa.Column('book', sa.String(length=80), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('seq', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('edition', sa.Integer(), nullable=False, server_default='1'))
        for name in TEXTS:
            batch_op.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('starts_at', TIME, nullable=True))
        batch_op.add_column(sa.Column('ends_at', TIME, nullable=True))
        batch_op.add_column(sa.Column('hours', sa.Float(), nullable=True))
        batch_op.add_column(sa.Column('grade', sa.Float(), nullable=True))
    _number_what_is_there()
    with op.batch_alter_table('register', schema=None) as batch_op:
        for name in ('book', 'edition', *TEXTS):
            batch_op.alter_column(name, server_default=None)
        batch_op.drop_constraint('uq_register_programme_register_no', type_='unique')
        batch_op.create_unique_constraint(op.f('uq_register_book_seq'), ['book', 'seq'])
        batch_op.create_unique_constraint(op.f('uq_register_book_register_no'), ['book', 'register_no'])
        batch_op.create_index(op.f('ix_register_serial'), ['serial'])
    op.create_table(
        'certificate_events',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('programme', sa.String(length=80), nullable=False),
        sa.Column('phone', sa.String(length=20), nullable=False),
        sa.Column('event', sa.String(length=20), nullable=False),
        sa.Column('at', TIME, nullable=False),
        sa.Column('by', sa.Text(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('serial', sa.String(length=100), nullable=False),
        sa.Column('register_no', sa.String(length=100), nullable=False),
        sa.Column('edition', sa.Integer(), nullable=False),
        sa.Column('full_name', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate_events')),
    )
    with op.batch_alter_table('certificate_events', schema=None) as batch_op:
        batch_op.create_index(op.f('ix_certificate_events_programme_phone'), ['programme', 'phone'])
        batch_op.create_index(op.f('ix_certificate_events_serial'), ['serial'])


def _number_what_is_there() -> None:
    """Until now each programme was a book; a number's constant parts leave length and text to give its order."""
    connection = op.get_bind()
    register = sa.table('register', *(sa.column(name) for name in ('programme', 'phone', 'register_no', 'book', 'seq')))
    connection.execute(register.update().values(book=register.c.programme))
    rows = connection.execute(
        sa.select(register.c.programme, register.c.phone)
        .where(register.c.register_no.is_not(None))
        .order_by(register.c.programme, sa.func.length(register.c.register_no), register.c.register_no)
    ).all()
    counted: dict[str, int] = {}
    for programme, phone in rows:
        counted[programme] = counted.get(programme, 0) + 1
        connection.execute(
            register.update()
            .where(register.c.programme == programme, register.c.phone == phone)
            .values(seq=counted[programme])
        )


def downgrade() -> None:
    op.drop_table('certificate_events')
    # The older connector knows three states; a certificate that was taken back must not look valid to it.
    op.execute("DELETE FROM register WHERE state IN ('revoked', 'reissued')")
    op.execute("UPDATE register SET state = 'issued' WHERE state = 'delivered'")
    op.execute("UPDATE register SET state = 'due' WHERE state = 'approved'")
    with op.batch_alter_table('register', schema=None) as batch_op:
        batch_op.drop_index(op.f('ix_register_serial'))
        batch_op.drop_constraint(op.f('uq_register_book_register_no'), type_='unique')
        batch_op.drop_constraint(op.f('uq_register_book_seq'), type_='unique')
        for name in ('grade', 'hours', 'ends_at', 'starts_at', *reversed(TEXTS), 'edition', 'seq', 'book',
                     'withdrawn_at', 'commune_code'):
            batch_op.drop_column(name)
        batch_op.create_unique_constraint('uq_register_programme_register_no', ['programme', 'register_no'])
    with op.batch_alter_table('register_books', schema=None) as batch_op:
        batch_op.alter_column('book', new_column_name='programme', existing_type=sa.String(length=80),
                              existing_nullable=False)
