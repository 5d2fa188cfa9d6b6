"""Whom the order's words mean: parties named by the approver, with what is plain suggested."""

import re
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from models import Session
from models.organisations import Organisation, OrganisationKind
from models.roadmaps import Activity, ActivityParty, Edition, Party, PartyMember, Roadmap
from services import organisations
from services.refusals import NotFound

# Words that mean every school of the municipality when nothing else is said beside them.
ALL_SCHOOLS = re.compile(
    r"(руководители\s+|директора\s+|администрации\s+)?"
    r"(оо|оу|обще?образовательн\w+\s+(организац\w+|учрежден\w+)|образовательн\w+\s+организац\w+|школ\w*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PartyView:
    """A party and its meaning: every school, some organisations, or nobody yet."""

    party_id: int
    name: str
    rows: int
    all_schools: bool
    members: tuple[str, ...]
    member_ids: tuple[int, ...]

    @property
    def named(self) -> bool:
        """Tell whether the approver has said whom it means."""
        return self.all_schools or bool(self.members)


async def suggest(session: Session, edition: Edition, owner: Organisation) -> None:
    """Fill in what is plain and not said yet: «ОО» is every school, an organisation's own name that one."""
    known = await organisations.of_kinds(session, owner, *OrganisationKind)
    by_name = {_plain(name): place.id for place in known for name in (place.name, place.short_name)}
    said = select(PartyMember.party_id).where(PartyMember.party_id == Party.id).exists()
    unsaid = select(Party).where(Party.edition_id == edition.id, Party.all_schools.is_(False), ~said)
    for party in await session.scalars(unsaid):
        if ALL_SCHOOLS.fullmatch(party.name.strip()):
            party.all_schools = True
        elif (match := by_name.get(_plain(party.name))) is not None:
            session.add(PartyMember(party_id=party.id, organisation_id=match))
    await session.flush()


def _plain(name: str) -> str:
    return re.sub(r"\W+", " ", name).casefold().strip()


async def listed(session: Session, edition: Edition) -> list[PartyView]:
    """List the parties of an edition in the order they are first named."""
    rows = await session.execute(
        select(Party, func.count(ActivityParty.activity_id), func.min(Activity.ordinal))
        .join(ActivityParty, ActivityParty.party_id == Party.id)
        .join(Activity, Activity.id == ActivityParty.activity_id)
        .where(Party.edition_id == edition.id)
        .group_by(Party.id)
        .order_by(func.min(Activity.ordinal), Party.id)
    )
    return [await _view(session, party, count) for party, count, _ in rows.all()]


async def _view(session: Session, party: Party, rows: int) -> PartyView:
    members = await session.execute(
        select(Organisation.id, Organisation.short_name)
        .join(PartyMember, PartyMember.organisation_id == Organisation.id)
        .where(PartyMember.party_id == party.id)
        .order_by(Organisation.id)
    )
    found = members.all()
    return PartyView(
        party.id,
        party.name,
        rows,
        party.all_schools,
        tuple(name for _, name in found),
        tuple(place for place, _ in found),
    )


async def one(session: Session, edition: Edition, party_id: int) -> PartyView:
    """Give one party of an edition. Raises NotFound."""
    for party in await listed(session, edition):
        if party.party_id == party_id:
            return party
    raise NotFound


async def edition_of(session: Session, party_id: int) -> int:
    """Give the id of the edition a party belongs to. Raises NotFound."""
    found = await session.scalar(select(Party.edition_id).where(Party.id == party_id))
    if found is None:
        raise NotFound
    return found


async def mean_all_schools(session: Session, party_id: int) -> None:
    """Say: this party is every school; said again, it is taken back."""
    party = await session.get_one(Party, party_id)
    party.all_schools = not party.all_schools
    await session.execute(delete(PartyMember).where(PartyMember.party_id == party_id))
    await session.flush()


async def toggle_member(session: Session, party_id: int, organisation_id: int) -> None:
    """Say: this party means (also) this organisation; said again, it is taken back."""
    party = await session.get_one(Party, party_id)
    party.all_schools = False
    present = await session.get(PartyMember, (party_id, organisation_id))
    if present is None:
        session.add(PartyMember(party_id=party_id, organisation_id=organisation_id))
    else:
        await session.delete(present)
    await session.flush()


async def found_member(session: Session, edition: Edition, party_id: int, kind: OrganisationKind) -> None:
    """Add an organisation named as the party is, and let the party mean it."""
    party = await session.get_one(Party, party_id)
    roadmap = await session.get_one(Roadmap, edition.roadmap_id)
    owner = await session.get_one(Organisation, roadmap.owner_id)
    made = await organisations.add(session, kind=kind, name=party.name, parent=owner)
    await toggle_member(session, party_id, made.id)


async def meant_by(session: Session, party_ids: list[int], owner: Organisation) -> dict[int, list[int]]:
    """Give the organisations each party means today, schools by their order of addition."""
    schools = [school.id for school in await organisations.schools(session, owner)]
    meaning: dict[int, list[int]] = {}
    for party in await session.scalars(select(Party).where(Party.id.in_(party_ids))):
        if party.all_schools:
            meaning[party.id] = schools
            continue
        members = await session.scalars(
            select(PartyMember.organisation_id)
            .where(PartyMember.party_id == party.id)
            .order_by(PartyMember.organisation_id)
        )
        meaning[party.id] = list(members)
    return meaning
