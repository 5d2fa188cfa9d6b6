"""Roadmaps: the plan of an order, edition by edition, and what its words mean."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, states
from models.files import StoredFile
from models.organisations import Organisation


class EditionState(StrEnum):
    """A draft is prepared by one approver; approved editions are history; discarded ones never were."""

    DRAFT = "draft"
    APPROVED = "approved"
    DISCARDED = "discarded"


class Duty(StrEnum):
    """Of several executors of a row: each must, any one may, or the first named answers for all.

    The lead rule: docs.cntd.ru/document/891850375 п. 47.
    """

    EACH = "each"
    ANY = "any"
    LEAD = "lead"


class PastChoice(StrEnum):
    """What the approver says of a control date that had passed before the approval."""

    DONE = "done"
    REPORT = "report"
    SILENT = "silent"


class Roadmap(Base):
    """One plan of a municipality; its head is what the latest approved edition says."""

    __tablename__ = "roadmaps"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    issuer: Mapped[str | None] = mapped_column(Text)
    number: Mapped[str | None] = mapped_column(String(100))
    dated: Mapped[date | None]
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    time_zone: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]

    owner: Mapped[Organisation] = relationship(lazy="raise")


class Edition(Base):
    """The plan as one order left it; its head is that order's.

    An amending order's edition is prepared from ``base``, the edition in force at that time; ``amends``
    keeps which document the order says it amends, and how, in the plan's JSON form. ``duties`` are the
    points of the order's own text that carry a date, offered to the approver.
    ``source_file_id`` is Telegram's id of the file as it was sent, to send it again.
    """

    __tablename__ = "editions"
    __table_args__ = (UniqueConstraint("roadmap_id", "ordinal"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    roadmap_id: Mapped[int] = mapped_column(ForeignKey("roadmaps.id"))
    ordinal: Mapped[int]
    base_id: Mapped[int | None] = mapped_column(ForeignKey("editions.id"))
    issuer: Mapped[str | None] = mapped_column(Text)
    number: Mapped[str | None] = mapped_column(String(100))
    dated: Mapped[date | None]
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    state: Mapped[EditionState] = mapped_column(states(EditionState), index=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    source_name: Mapped[str] = mapped_column(String(300))
    source_file_id: Mapped[str | None] = mapped_column(String(300))
    controller: Mapped[str | None] = mapped_column(Text)
    amends: Mapped[dict[str, Any] | None]
    duties: Mapped[list[dict[str, Any]] | None]
    remarks: Mapped[list[dict[str, Any]]]
    created_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))

    roadmap: Mapped[Roadmap] = relationship(lazy="raise")
    source: Mapped[StoredFile | None] = relationship(lazy="raise")


class Section(Base):
    """A heading row of the table."""

    __tablename__ = "sections"
    __table_args__ = (UniqueConstraint("edition_id", "ordinal"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id"))
    ordinal: Mapped[int]
    title: Mapped[str] = mapped_column(Text)


class Activity(Base):
    """A numbered row, ``deadlines`` in the plan's JSON form.

    ``anchor_on`` is the day of the event that a relative deadline counts from, said by the approver.
    ``printed`` keeps the texts of the order, by field, that the approver corrected.
    ``previous_id`` is the same row in the edition before.
    """

    __tablename__ = "activities"
    __table_args__ = (UniqueConstraint("edition_id", "ordinal"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id"))
    section_id: Mapped[int | None] = mapped_column(ForeignKey("sections.id"), index=True)
    ordinal: Mapped[int]
    number: Mapped[str | None] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(Text)
    deadline_text: Mapped[str] = mapped_column(Text)
    deadlines: Mapped[list[dict[str, Any]]]
    anchor_on: Mapped[date | None]
    responsible_text: Mapped[str] = mapped_column(Text)
    expected_result: Mapped[str | None] = mapped_column(Text)
    targets: Mapped[list[dict[str, Any]]]
    notes: Mapped[dict[str, Any]] = mapped_column(JSON)
    duty: Mapped[Duty] = mapped_column(states(Duty))
    printed: Mapped[dict[str, Any] | None]
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("activities.id"), index=True)

    edition: Mapped[Edition] = relationship(lazy="raise")
    section: Mapped[Section | None] = relationship(lazy="raise")


class Party(Base):
    """The words by which the order names executors; the approver says whom they mean.

    ``all_schools`` stands for every school of the owner at the moment of approval.
    """

    __tablename__ = "parties"
    __table_args__ = (UniqueConstraint("edition_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id"))
    name: Mapped[str] = mapped_column(String(500))
    all_schools: Mapped[bool]


class PartyMember(Base):
    """One organisation a party means."""

    __tablename__ = "party_members"

    party_id: Mapped[int] = mapped_column(ForeignKey("parties.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)


class ActivityParty(Base):
    """The parties of a row in the printed order (the first named may lead)."""

    __tablename__ = "activity_parties"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    party_id: Mapped[int] = mapped_column(ForeignKey("parties.id"), index=True)


class PastDate(Base):
    """A control date that had passed before the approval, and what is to become of it."""

    __tablename__ = "past_dates"
    __table_args__ = (UniqueConstraint("activity_id", "due"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    due: Mapped[date]
    choice: Mapped[PastChoice | None] = mapped_column(states(PastChoice))
    report_by: Mapped[date | None]

    activity: Mapped[Activity] = relationship(lazy="raise")
