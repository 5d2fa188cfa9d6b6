"""Organisations: region, municipality, offices, institutes, groups and schools, as one tree."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, states


class OrganisationKind(StrEnum):
    """What an organisation is."""

    REGION = "region"
    MUNICIPALITY = "municipality"
    OFFICE = "office"
    INSTITUTE = "institute"
    GROUP = "group"
    SCHOOL = "school"


class Organisation(Base):
    """A node of the tree; ``path`` («/1/4/») names its ancestors and itself, so a subtree is a prefix."""

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[OrganisationKind] = mapped_column(states(OrganisationKind))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    path: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str] = mapped_column(String(500))
    short_name: Mapped[str] = mapped_column(String(120))
    time_zone: Mapped[str] = mapped_column(String(64))
    closed_on: Mapped[date | None]
