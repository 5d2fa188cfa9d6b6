"""Assignments and their reports: what somebody owes, and what was answered."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, BigInt, states
from models.files import StoredFile
from models.organisations import Organisation
from models.people import Person
from models.roadmaps import Activity
from plans.control import ControlKind


class AssignmentState(StrEnum):
    """The life of an assignment.

    awaited → on_review → accepted | returned → on_review …; covered: another executor of a row that
    any may do was accepted; done_before and not_asked are the approver's word at approval;
    withdrawn: a later edition took the row away.
    """

    AWAITED = "awaited"
    ON_REVIEW = "on_review"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    COVERED = "covered"
    DONE_BEFORE = "done_before"
    NOT_ASKED = "not_asked"
    WITHDRAWN = "withdrawn"


OWED = (AssignmentState.AWAITED, AssignmentState.RETURNED)
DONE = (AssignmentState.ACCEPTED, AssignmentState.COVERED, AssignmentState.DONE_BEFORE)
CLOSED = (*DONE, AssignmentState.NOT_ASKED)


class Assignment(Base):
    """One activity × one organisation × one control date.

    ``due`` is a date in the organisation's zone, already moved to a working day; ``nominal`` the day
    as printed. ``next_step_at`` is when the ladder speaks next (None: never).
    """

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("activity_id", "organisation_id", "nominal", "checkpoint"),
        Index("ix_assignments_organisation_state_due", "organisation_id", "state", "due"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    due: Mapped[date]
    nominal: Mapped[date]
    checkpoint: Mapped[ControlKind] = mapped_column(states(ControlKind))
    state: Mapped[AssignmentState] = mapped_column(states(AssignmentState))
    next_step_at: Mapped[datetime | None] = mapped_column(index=True)

    activity: Mapped[Activity] = relationship(lazy="raise")
    organisation: Mapped[Organisation] = relationship(lazy="raise")


class ChangeKind(StrEnum):
    """What an amending order did to an assignment; a kept one only follows its row into the new edition."""

    ADDED = "added"
    MOVED = "moved"
    KEPT = "kept"
    WITHDRAWN = "withdrawn"


class AssignmentChange(Base):
    """What an assignment was before an edition changed it (nothing, if the edition added it)."""

    __tablename__ = "assignment_changes"
    __table_args__ = (UniqueConstraint("assignment_id", "edition_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id"), index=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"))
    kind: Mapped[ChangeKind] = mapped_column(states(ChangeKind))
    activity_before: Mapped[int | None] = mapped_column(ForeignKey("activities.id"))
    due_before: Mapped[date | None]
    nominal_before: Mapped[date | None]
    state_before: Mapped[AssignmentState | None] = mapped_column(states(AssignmentState))

    assignment: Mapped[Assignment] = relationship(lazy="raise")


class ReportState(StrEnum):
    """draft → submitted → accepted | returned; dropped: the author took an unsent draft back."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    DROPPED = "dropped"


class Children(StrEnum):
    """Whether children are in the pictures of a report; without consents no export may show them."""

    NONE = "none"
    CONSENTED = "consented"
    WITHHELD = "withheld"


class Report(Base):
    """What was answered. A draft may not know its assignment yet: what was sent is kept meanwhile.

    ``sent_at`` is Telegram's time of the first message, ``received_at`` ours. ``text`` is the latest
    wording of its passages; ``version`` grows when one is edited after the report was sent to review.
    ``ask_at`` is when a draft left alone is asked about (None: it has been, or need not be).
    """

    __tablename__ = "reports"
    __table_args__ = (
        Index(
            "uq_reports_on_review",
            "assignment_id",
            unique=True,
            sqlite_where=text("state = 'submitted'"),
            postgresql_where=text("state = 'submitted'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    state: Mapped[ReportState] = mapped_column(states(ReportState))
    text: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    thread_message_id: Mapped[int | None] = mapped_column(BigInt)
    version: Mapped[int] = mapped_column(default=1)
    children: Mapped[Children | None] = mapped_column(states(Children))
    ask_at: Mapped[datetime | None] = mapped_column(index=True)

    assignment: Mapped[Assignment | None] = relationship(lazy="raise")
    author: Mapped[Person] = relationship(lazy="raise")


class Passage(Base):
    """The words of one message of a report (a text or a caption); each edit is a further version."""

    __tablename__ = "passages"
    __table_args__ = (UniqueConstraint("chat_id", "message_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    chat_id: Mapped[int] = mapped_column(BigInt)
    message_id: Mapped[int] = mapped_column(BigInt)
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    forwarded: Mapped[bool] = mapped_column(default=False)
    written_at: Mapped[datetime]


class Figure(Base):
    """What a report says of a target: «15 из 24»; a percentage waits for its base.

    ``target`` is the place in the row's targets. Percentages over organisations are sums of
    numerators over sums of denominators, so both are kept and no percentage is.
    """

    __tablename__ = "figures"
    __table_args__ = (UniqueConstraint("report_id", "target"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"))
    target: Mapped[int]
    numerator: Mapped[int | None]
    denominator: Mapped[int | None]
    percent: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    said_at: Mapped[datetime]


class EvidenceKind(StrEnum):
    """What a piece of evidence is for Telegram, and so how it is shown again."""

    PHOTO = "photo"
    DOCUMENT = "document"
    VIDEO = "video"
    VIDEO_NOTE = "video_note"
    VOICE = "voice"
    AUDIO = "audio"
    ANIMATION = "animation"


class Evidence(Base):
    """A photo or file of a report: one message each, also within an album.

    ``media_type`` is that of the stored bytes: a picture's are re-encoded, so no place and no camera
    is in them. ``purged_at`` says that they were kept for their term and destroyed.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("chat_id", "message_id"),
        Index("ix_evidence_album", "chat_id", "media_group_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    kind: Mapped[EvidenceKind] = mapped_column(states(EvidenceKind))
    chat_id: Mapped[int] = mapped_column(BigInt)
    message_id: Mapped[int] = mapped_column(BigInt)
    media_group_id: Mapped[str | None] = mapped_column(String(64))
    file_id: Mapped[str] = mapped_column(String(300))
    file_unique_id: Mapped[str] = mapped_column(String(100))
    file_name: Mapped[str | None] = mapped_column(String(300))
    size: Mapped[int | None] = mapped_column(BigInt)
    stored_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    media_type: Mapped[str | None] = mapped_column(String(100))
    purged_at: Mapped[datetime | None]

    stored_file: Mapped[StoredFile | None] = relationship(lazy="raise")


class PicturePrint(Base):
    """How a stored picture is recognised again: its hashes, and the small picture that verifies them.

    ``width`` and ``height`` in pixels; ``thumbnail`` is grey (``pictures.prints``).
    """

    __tablename__ = "picture_prints"

    stored_file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"), primary_key=True)
    width: Mapped[int]
    height: Mapped[int]
    hashes: Mapped[bytes]
    thumbnail: Mapped[bytes]


class Likeness(Base):
    """An earlier picture that one of a report repeats; ``exact``: byte for byte after cleaning."""

    __tablename__ = "likenesses"
    __table_args__ = (UniqueConstraint("evidence_id", "earlier_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"))
    earlier_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), index=True)
    exact: Mapped[bool]
    score: Mapped[float]
    found_at: Mapped[datetime]


class Verdict(StrEnum):
    """What a reviewer decided."""

    ACCEPTED = "accepted"
    RETURNED = "returned"


class Review(Base):
    """The one decision about a submitted report."""

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), unique=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    verdict: Mapped[Verdict] = mapped_column(states(Verdict))
    remark: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime]

    report: Mapped[Report] = relationship(lazy="raise")
    reviewer: Mapped[Person] = relationship(lazy="raise")


class AppealKind(StrEnum):
    """What an executor answers instead of a report."""

    IN_PROGRESS = "in_progress"
    EXTENSION = "extension"
    HELP = "help"
    NOT_OURS = "not_ours"


class AppealState(StrEnum):
    """open → granted | refused | answered; noted: it asks for no decision (work in progress)."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"
    ANSWERED = "answered"
    NOTED = "noted"


class Appeal(Base):
    """What an executor says of an assignment that is no report, and what the issuer's side decided.

    ``wanted_due`` is the date an extension asks for, ``due_before`` the one it had when it was granted:
    only the issuer changes a date, and the old one stays on record (LAW_305378 п. 5.3.6).
    """

    __tablename__ = "appeals"
    __table_args__ = (
        Index(
            "uq_appeals_open",
            "assignment_id",
            "kind",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    kind: Mapped[AppealKind] = mapped_column(states(AppealKind))
    state: Mapped[AppealState] = mapped_column(states(AppealState))
    text: Mapped[str] = mapped_column(Text)
    wanted_due: Mapped[date | None]
    due_before: Mapped[date | None]
    made_at: Mapped[datetime]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")

    assignment: Mapped[Assignment] = relationship(lazy="raise")
    author: Mapped[Person] = relationship(lazy="raise", foreign_keys=[author_id])
