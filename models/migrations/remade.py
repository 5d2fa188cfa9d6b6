"""Tables made anew: SQLite changes a constraint only so, and alembic alone would forget the CHECKs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum

from alembic import op
from alembic.operations import BatchOperations
from sqlalchemy import CheckConstraint, inspect, text


@contextmanager
def remade(table: str, *, without: str | None = None) -> Iterator[BatchOperations]:
    """Change a table: in place on PostgreSQL, by a copy that keeps its CHECKs on SQLite."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        with op.batch_alter_table(table) as batch:
            yield batch
        return
    checks = tuple(
        CheckConstraint(text(found["sqltext"]), name=op.f(str(found["name"])))
        for found in inspect(bind).get_check_constraints(table)
        if found["name"] != without
    )
    with op.batch_alter_table(table, recreate="always", table_args=checks) as batch:
        yield batch


def allow(table: str, column: str, enum: type[StrEnum] | Sequence[str], name: str) -> None:
    """Let a column of states hold these values from now on; ``name`` is that of its constraint."""
    values = ", ".join(f"'{value}'" for value in enum)
    constraint = f"ck_{table}_{name}"
    with remade(table, without=constraint) as batch:
        if op.get_bind().dialect.name != "sqlite":
            batch.drop_constraint(op.f(constraint), type_="check")
        batch.create_check_constraint(op.f(constraint), text(f"{column} IN ({values})"))
