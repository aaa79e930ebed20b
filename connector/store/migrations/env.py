"""How alembic reaches the database: through the connection that `Store` hands over."""

from alembic import context

from connector.store.columns import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
