"""Any answer: words with their versions, figures, appeals, demands, prints of pictures, erasures."""

import sqlalchemy as sa
from alembic import op

from models.migrations.remade import allow, remade

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LETTERS = (
    *("answer", "draft", "reminder", "welcome", "evidence", "review", "verdict", "digest", "menu"),
    *("links", "note", "changes", "shared"),
)
SAID = ("edited", "appeal", "decision", "reunion", "demand", "reply")
QUESTIONS = (
    *("remark", "deadline", "anchor", "schools", "report_by", "plan", "row", "executors", "title"),
    *("result", "as_of", "terms"),
)
ASKED = ("base", "progress", "extension", "help", "not_ours", "reply", "demand", "grounds")
PIECES = ("photo", "document")
SENT = ("video", "video_note", "voice", "audio", "animation")
CHILDREN = ("none", "consented", "withheld")
APPEALS = ("in_progress", "extension", "help", "not_ours")
APPEAL_STATES = ("open", "granted", "refused", "answered", "noted")
REASONS = ("request", "term")


def _states(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "passages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("forwarded", sa.Boolean(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_passages_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passages")),
        sa.UniqueConstraint(
            "chat_id", "message_id", "version", name=op.f("uq_passages_chat_id_message_id_version")
        ),
    )
    op.create_index(op.f("ix_passages_report_id"), "passages", ["report_id"])
    op.create_table(
        "figures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("numerator", sa.Integer(), nullable=True),
        sa.Column("denominator", sa.Integer(), nullable=True),
        sa.Column("percent", sa.Numeric(6, 2), nullable=True),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_figures_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figures")),
        sa.UniqueConstraint("report_id", "target", name=op.f("uq_figures_report_id_target")),
    )
    op.create_table(
        "picture_prints",
        sa.Column("stored_file_id", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stored_file_id"], ["stored_files.id"], name=op.f("fk_picture_prints_stored_file_id")
        ),
        sa.PrimaryKeyConstraint("stored_file_id", name=op.f("pk_picture_prints")),
    )
    op.create_table(
        "likenesses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("earlier_id", sa.Integer(), nullable=False),
        sa.Column("exact", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_likenesses_evidence_id")),
        sa.ForeignKeyConstraint(["earlier_id"], ["evidence.id"], name=op.f("fk_likenesses_earlier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_likenesses")),
        sa.UniqueConstraint("evidence_id", "earlier_id", name=op.f("uq_likenesses_evidence_id_earlier_id")),
    )
    op.create_index(op.f("ix_likenesses_earlier_id"), "likenesses", ["earlier_id"])
    _appeals()
    op.create_table(
        "demands",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["persons.id"], name=op.f("fk_demands_author_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_demands_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demands")),
    )
    for column in ("author_id", "organisation_id", "made_at"):
        op.create_index(op.f(f"ix_demands_{column}"), "demands", [column])
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("reason", _states("erasurereason", REASONS), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=False),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_erasures_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_person_id"), "erasures", ["person_id"])
    op.add_column("persons", sa.Column("quiet_until", sa.Date(), nullable=True))
    op.add_column("persons", sa.Column("erased_at", MOMENT, nullable=True))
    with remade("reports") as batch:
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("children", sa.String(32), nullable=True))
        batch.add_column(sa.Column("ask_at", MOMENT, nullable=True))
        batch.create_index(batch.f("ix_reports_ask_at"), ["ask_at"])
    allow("reports", "children", CHILDREN, "children")
    op.add_column("evidence", sa.Column("media_type", sa.String(100), nullable=True))
    op.add_column("evidence", sa.Column("purged_at", MOMENT, nullable=True))
    allow("letters", "kind", (*LETTERS, *SAID), "letterkind")
    allow("questions", "kind", (*QUESTIONS, *ASKED), "questionkind")
    allow("evidence", "kind", (*PIECES, *SENT), "evidencekind")
    # What was written before has no message of its own any more: a negative number stands for it.
    op.execute(
        "INSERT INTO passages (report_id, chat_id, message_id, version, text, forwarded, written_at) "
        "SELECT reports.id, persons.chat_id, -reports.id, 1, reports.text, "
        "(1 = 0), reports.received_at FROM reports JOIN persons ON persons.id = reports.author_id "
        "WHERE reports.text <> ''"
    )


def _appeals() -> None:
    op.create_table(
        "appeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("kind", _states("appealkind", APPEALS), nullable=False),
        sa.Column("state", _states("appealstate", APPEAL_STATES), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("wanted_due", sa.Date(), nullable=True),
        sa.Column("due_before", sa.Date(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignments.id"], name=op.f("fk_appeals_assignment_id")),
        sa.ForeignKeyConstraint(["author_id"], ["persons.id"], name=op.f("fk_appeals_author_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["persons.id"], name=op.f("fk_appeals_answered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
    )
    for column in ("assignment_id", "author_id"):
        op.create_index(op.f(f"ix_appeals_{column}"), "appeals", [column])
    op.create_index(
        "uq_appeals_open",
        "appeals",
        ["assignment_id", "kind"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    op.execute(f"UPDATE evidence SET kind = 'document' WHERE kind IN ({_listed(SENT)})")
    allow("evidence", "kind", PIECES, "evidencekind")
    op.execute(f"DELETE FROM questions WHERE kind IN ({_listed(ASKED)})")
    allow("questions", "kind", QUESTIONS, "questionkind")
    op.execute(f"UPDATE letters SET kind = 'note' WHERE kind IN ({_listed(SAID)})")
    allow("letters", "kind", LETTERS, "letterkind")
    op.drop_column("evidence", "purged_at")
    op.drop_column("evidence", "media_type")
    with remade("reports") as batch:
        batch.drop_constraint(op.f("ck_reports_children"), type_="check")
        batch.drop_index(batch.f("ix_reports_ask_at"))
        for column in ("ask_at", "children", "version"):
            batch.drop_column(column)
    op.drop_column("persons", "erased_at")
    op.drop_column("persons", "quiet_until")
    for table in ("erasures", "demands", "appeals", "likenesses", "picture_prints", "figures", "passages"):
        op.drop_table(table)


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)
