"""Where alembic meets our tables: it is handed a connection and never opens one."""

from typing import Any

from alembic import context

from models import Base

config = context.config
connection: Any = config.attributes["connection"]

context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
