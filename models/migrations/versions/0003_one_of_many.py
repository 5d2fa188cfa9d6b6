"""One of many: runs of processes, leases with epochs, letters that know how often they may have arrived."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("alive_at", MOMENT, nullable=False),
        sa.Column("stopped_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_alive_at"), "runs", ["alive_at"])
    op.create_table(
        "leases",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "zone_rules",
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("zone", name=op.f("pk_zone_rules")),
    )
    op.add_column("letters", sa.Column("unsure", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("letters", sa.Column("epoch", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_letters_state_priority_unsure_id", "letters", ["state", "priority", "unsure", "id"])


def downgrade() -> None:
    op.drop_index("ix_letters_state_priority_unsure_id", "letters")
    op.drop_column("letters", "epoch")
    op.drop_column("letters", "unsure")
    for table in ("zone_rules", "leases", "runs"):
        op.drop_table(table)
