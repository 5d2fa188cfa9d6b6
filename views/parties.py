"""Whom the order's words mean: the approver's screens of parties."""

from models.organisations import Organisation, OrganisationKind
from services.parties import PartyView
from views.actions import Action, button, column, page_of, pager
from views.screen import Screen
from views.words import count, said

FOUNDED = (OrganisationKind.OFFICE, OrganisationKind.INSTITUTE, OrganisationKind.GROUP)
FOUNDED_WORDS = {
    OrganisationKind.OFFICE: "отдел",
    OrganisationKind.INSTITUTE: "учреждение",
    OrganisationKind.GROUP: "рабочая группа",
}


def party_name(name: str) -> str:
    """Name a party; the one of rows without executor has no words of its own."""
    return said(name, 80) if name else "исполнитель не указан"


def party_line(party: PartyView) -> str:
    """Say whom a party means."""
    if party.all_schools:
        meaning = "все школы"
    elif party.members:
        meaning = ", ".join(said(name, 40) for name in party.members[:4])
        meaning += f" и ещё {len(party.members) - 4}" if len(party.members) > 4 else ""  # noqa: PLR2004
    else:
        meaning = "❓ не указано"
    return f"«{party_name(party.name)}» — {meaning}"


def parties(edition_id: int, listed: list[PartyView]) -> Screen:
    """List the parties; each opens."""
    lines = ["<b>Исполнители в приказе</b>", "Нажмите, чтобы указать, кто это.", ""]
    lines += [f"• {party_line(party)} ({count(party.rows, 'row')})" for party in listed]
    buttons = [
        button(
            f"{'✓' if party.named else '❓'} {party.name or 'исполнитель не указан'}"[:60],
            Action.PARTY,
            party.party_id,
            0,
        )
        for party in listed[:40]
    ]
    return Screen("\n".join(lines), column(*buttons, button("« К плану", Action.ORDER, edition_id)))


def party(edition_id: int, view: PartyView, places: list[Organisation], schools: int, page: int) -> Screen:
    """Ask whom a party means: every school, organisations of the list, or a new one of this name."""
    buttons = [
        button(f"{'✓ ' if view.all_schools else ''}Все школы: {schools}", Action.PARTY_ALL, view.party_id)
    ]
    buttons += [
        button(
            f"{'✓ ' if place.id in view.member_ids else ''}{place.short_name}"[:60],
            Action.PARTY_MEMBER,
            view.party_id,
            place.id,
        )
        for place in page_of(places, page)
    ]
    if view.name and not view.named:
        buttons += [
            button(f"Новая организация: {FOUNDED_WORDS[kind]}", Action.PARTY_FOUND, view.party_id, index)
            for index, kind in enumerate(FOUNDED)
        ]
    return Screen(
        f"<b>«{party_name(view.name)}»</b> — {count(view.rows, 'row')}.\n\nКого имеет в виду приказ? "
        f"Можно отметить несколько организаций.\nСейчас: {party_line(view)}",
        column(*buttons)
        + pager(Action.PARTY, (view.party_id,), page, len(places))
        + column(button("« К исполнителям", Action.PARTIES, edition_id)),
    )
