"""The organisation tree: founding a municipality, adding schools and offices."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from models import Session
from models.organisations import Organisation, OrganisationKind

SHORT = 120


@dataclass(frozen=True)
class SchoolsAdded:
    """How many schools of a list are new and how many were known; ``total`` there are now."""

    added: tuple[str, ...]
    known: int
    total: int


async def add(
    session: Session,
    *,
    kind: OrganisationKind,
    name: str,
    short_name: str | None = None,
    parent: Organisation | None = None,
    time_zone: str | None = None,
) -> Organisation:
    """Add an organisation under its parent, in the parent's zone unless one is given (IANA name)."""
    zone = time_zone or (parent.time_zone if parent else "Europe/Moscow")
    made = Organisation(
        kind=kind,
        parent_id=parent.id if parent else None,
        path="",
        name=name,
        short_name=(short_name or name)[:SHORT],
        time_zone=zone,
    )
    made.path = f"?{kind}{name}"[:255]  # unique until the id is known
    session.add(made)
    await session.flush()
    made.path = f"{parent.path if parent else '/'}{made.id}/"
    await session.flush()
    return made


async def schools(session: Session, municipality: Organisation) -> list[Organisation]:
    """List the open schools of a municipality, by their short names."""
    return await of_kinds(session, municipality, OrganisationKind.SCHOOL)


async def of_kinds(
    session: Session, municipality: Organisation, *kinds: OrganisationKind
) -> list[Organisation]:
    """List the open organisations of these kinds in a municipality, in the order they were added."""
    found = await session.scalars(
        select(Organisation)
        .where(
            Organisation.path.startswith(municipality.path, autoescape=True),
            Organisation.kind.in_(kinds),
            Organisation.closed_on.is_(None),
        )
        .order_by(Organisation.id)
    )
    return list(found)


async def add_schools(
    session: Session, municipality: Organisation, lines: Iterable[tuple[str, str]]
) -> SchoolsAdded:
    """Add the schools of a list of (full name, short name); a known name is left as it is."""
    present = {school.name.casefold() for school in await schools(session, municipality)}
    added: list[str] = []
    known = 0
    for name, short_name in lines:
        if name.casefold() in present:
            known += 1
            continue
        present.add(name.casefold())
        await add(
            session, kind=OrganisationKind.SCHOOL, name=name, short_name=short_name, parent=municipality
        )
        added.append(short_name)
    return SchoolsAdded(tuple(added), known, len(present))


async def found_municipality(
    session: Session, *, name: str, office: str, time_zone: str
) -> tuple[Organisation, Organisation]:
    """Give the municipality and its education department, founding them on the first call."""
    municipality = await session.scalar(
        select(Organisation)
        .where(Organisation.kind == OrganisationKind.MUNICIPALITY)
        .order_by(Organisation.id)
    )
    if municipality is None:
        municipality = await add(session, kind=OrganisationKind.MUNICIPALITY, name=name, time_zone=time_zone)
        await add(session, kind=OrganisationKind.OFFICE, name=office, parent=municipality)
    offices = await of_kinds(session, municipality, OrganisationKind.OFFICE)
    return municipality, offices[0]
