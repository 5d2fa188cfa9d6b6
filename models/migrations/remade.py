"""Tables made anew: SQLite changes a constraint only so."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum

from alembic import op
from alembic.operations import BatchOperations
from sqlalchemy import inspect, text


@contextmanager
def remade(table: str) -> Iterator[BatchOperations]:
    """Change a table: in place on PostgreSQL, by a copy that keeps its constraints on SQLite."""
    with op.batch_alter_table(table, recreate="always" if _on_sqlite() else "auto") as batch:
        yield batch


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def allow(table: str, column: str, enum: type[StrEnum] | Sequence[str], name: str) -> None:
    """Let a column of states hold these values from now on; ``name`` is that of its constraint."""
    values = ", ".join(f"'{value}'" for value in enum)
    constraint = f"ck_{table}_{name}"
    known = {found["name"] for found in inspect(op.get_bind()).get_check_constraints(table)}
    with remade(table) as batch:
        if constraint in known:
            batch.drop_constraint(op.f(constraint), type_="check")
        batch.create_check_constraint(op.f(constraint), text(f"{column} IN ({values})"))
