"""Amendments: editions with heads of their own, rows that know their past, corrected texts."""

import sqlalchemy as sa
from alembic import op

from models.migrations.remade import allow, remade

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LETTERS = (
    *("answer", "draft", "reminder", "welcome", "evidence", "review", "verdict", "digest", "menu"),
    *("links", "note"),
)
QUESTIONS = ("remark", "deadline", "anchor", "schools", "report_by")
ASKED = ("plan", "row", "executors", "title", "result", "as_of", "terms")
WORKS = ("read_order", "read_schools", "fetch_evidence")
CHANGES = ("added", "moved", "kept", "withdrawn")
ASSIGNMENTS = (
    *("awaited", "on_review", "returned", "accepted", "covered", "done_before", "not_asked", "withdrawn"),
)


def _states(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "assignment_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("kind", _states("changekind", CHANGES), nullable=False),
        sa.Column("activity_before", sa.Integer(), nullable=True),
        sa.Column("due_before", sa.Date(), nullable=True),
        sa.Column("nominal_before", sa.Date(), nullable=True),
        sa.Column("state_before", _states("assignmentstate", ASSIGNMENTS), nullable=True),
        sa.ForeignKeyConstraint(
            ["activity_before"], ["activities.id"], name=op.f("fk_assignment_changes_activity_before")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_assignment_changes_assignment_id")
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_assignment_changes_edition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_changes")),
        sa.UniqueConstraint(
            "assignment_id", "edition_id", name=op.f("uq_assignment_changes_assignment_id_edition_id")
        ),
    )
    op.create_index(op.f("ix_assignment_changes_edition_id"), "assignment_changes", ["edition_id"])
    with remade("activities") as batch:
        batch.add_column(sa.Column("printed", sa.JSON(none_as_null=True), nullable=True))
        batch.add_column(sa.Column("previous_id", sa.Integer(), nullable=True))
        batch.create_index(batch.f("ix_activities_previous_id"), ["previous_id"])
        batch.create_foreign_key(batch.f("fk_activities_previous_id"), "activities", ["previous_id"], ["id"])
    with remade("editions") as batch:
        batch.add_column(sa.Column("base_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("issuer", sa.Text(), nullable=True))
        batch.add_column(sa.Column("number", sa.String(length=100), nullable=True))
        for day in ("dated", "period_start", "period_end"):
            batch.add_column(sa.Column(day, sa.Date(), nullable=True))
        batch.add_column(sa.Column("source_file_id", sa.String(length=300), nullable=True))
        batch.add_column(sa.Column("controller", sa.Text(), nullable=True))
        for found in ("amends", "duties"):
            batch.add_column(sa.Column(found, sa.JSON(none_as_null=True), nullable=True))
        batch.create_foreign_key(batch.f("fk_editions_base_id"), "editions", ["base_id"], ["id"])
    for field in ("issuer", "number", "dated", "period_start", "period_end"):
        op.execute(
            f"UPDATE editions SET {field} = "
            f"(SELECT roadmaps.{field} FROM roadmaps WHERE roadmaps.id = editions.roadmap_id)"
        )
    allow("letters", "kind", (*LETTERS, "changes", "shared"), "letterkind")
    allow("questions", "kind", (*QUESTIONS, *ASKED), "questionkind")
    allow("works", "kind", (*WORKS, "read_table"), "workkind")


def downgrade() -> None:
    op.execute("UPDATE works SET kind = 'read_order' WHERE kind = 'read_table'")
    allow("works", "kind", WORKS, "workkind")
    op.execute(f"DELETE FROM questions WHERE kind IN ({', '.join(repr(kind) for kind in ASKED)})")
    allow("questions", "kind", QUESTIONS, "questionkind")
    op.execute("UPDATE letters SET kind = 'note' WHERE kind IN ('changes', 'shared')")
    allow("letters", "kind", LETTERS, "letterkind")
    with remade("editions") as batch:
        batch.drop_constraint(batch.f("fk_editions_base_id"), type_="foreignkey")
        for column in (
            *("duties", "amends", "controller", "source_file_id", "period_end", "period_start", "dated", "number", "issuer", "base_id"),
        ):
            batch.drop_column(column)
    with remade("activities") as batch:
        batch.drop_constraint(batch.f("fk_activities_previous_id"), type_="foreignkey")
        batch.drop_index(batch.f("ix_activities_previous_id"))
        batch.drop_column("previous_id")
        batch.drop_column("printed")
    op.drop_table("assignment_changes")
