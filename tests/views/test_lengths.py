"""Everything that can grow, built from facts far too large: Telegram takes each message as it is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from models.assignments import (
    AssignmentState,
    ChangeKind,
    Children,
    Evidence,
    EvidenceKind,
    ReportState,
    Verdict,
)
from models.organisations import Organisation
from models.people import Role
from models.roadmaps import Activity, Duty, Edition, EditionState, PastDate, Roadmap
from plans.answers.short import Short
from plans.control import ControlKind
from plans.plan import Comparison, Target
from services.amendments import Difference, DifferenceKind
from services.approval import Doubt, DoubtKind
from services.digests import DigestView
from services.drafts import DraftHead
from services.editing import Colleague, Touch, What
from services.figures import FigureView
from services.history import ChangeView, Past
from services.invitations import LINKS_EACH
from services.items import ItemView
from services.parties import PartyView
from services.preview import Preview
from services.recycled import Repeat
from services.rehearsal import Digests, Message, Part, Rehearsal, RehearsedItem, Unheard
from services.reports import DraftView, OnReview
from services.reviews import ReviewCard, WordingBefore
from services.seats import SeatView
from services.showing import ALBUM
from services.summary import Figures, Group, RowView, Standing
from simulator import html, sending
from simulator.errors import ApiError
from views import (
    changes,
    digest,
    invitations,
    items,
    orders,
    parties,
    plans,
    rehearsal,
    reviews,
    rows,
    status,
)
from views.screen import MOST_TEXT, Screen, edit, fit, message, visible

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 2)
# Words of an order that are long, hostile, and longer once they are quoted.
LONG = 'Проведение <b>семинаров & «круглых» столов</i> для "команд" школ 5 < 7 <a href="x"> ' * 40
NUMBER = "12.34.56."
MOST_CAPTION, MOST_BUTTONS, MOST_DATA, MOST_LABEL, MOST_ALBUM = 1024, 100, 64, 64, 10


def figures(count: int = 12_345) -> Figures:
    return Figures(count, count, count, count, count, count)


def group(number: int) -> Group:
    return Group(number, LONG, figures())


def counted(number: int) -> RowView:
    return RowView(number, NUMBER, f"{number} {LONG}", (LONG,) * 50, TODAY, Standing.OVERDUE, nobody=True)


def item(number: int, **changed: Any) -> ItemView:
    facts: dict[str, Any] = {
        "assignment_id": 10**9 + number,
        "number": NUMBER,
        "title": LONG,
        "organisation": f"{number} {LONG}",
        "due": TODAY - timedelta(days=number),
        "days_left": -number,
        "state": AssignmentState.RETURNED,
        "checkpoint": ControlKind.FINAL,
        "expected_result": LONG,
    }
    return ItemView(**facts | changed)


HELD = dict.fromkeys(EvidenceKind, 40)
TARGET = Target(Comparison.AT_LEAST, 60.0, "%", LONG)
FIGURE = FigureView(TARGET, 15, 24)
REPEAT = Repeat(1, 2, False, LONG, NUMBER, NOW, "UTC")  # noqa: FBT003 - a row of facts
RIVAL = OnReview(1, LONG, own=False, submitted_at=NOW, time_zone="Europe/Moscow")


def review(text: str = LONG, verdict: Verdict | None = None) -> ReviewCard:
    before = WordingBefore(LONG, TODAY, withdrawn=False, order_number=LONG, order_date=TODAY)
    return ReviewCard(
        10**9,
        ReportState.SUBMITTED,
        NUMBER,
        LONG,
        LONG,
        LONG,
        LONG,
        text,
        HELD,
        TODAY,
        NOW,
        "Europe/Moscow",
        verdict,
        LONG if verdict else None,
        LONG if verdict else None,
        before,
        late=True,
        version=2,
        earlier=text[:-1],
        figure=FIGURE,
        children=Children.WITHHELD,
        repeats=(REPEAT,) * 9,
    )


def head(**changed: Any) -> DraftHead:
    remark = {"row": NUMBER, "code": "near_duplicate", "facts": {str(one): LONG for one in range(9)}}
    facts: dict[str, Any] = {
        "edition_id": 10**9,
        "title": LONG,
        "issuer": LONG,
        "number": LONG,
        "dated": "2026-09-01",
        "period": ("2026-09-01", "2027-08-31"),
        "time_zone": "Europe/Moscow",
        "rows": 300,
        "shared_rows": 300,
        "remarks": (remark,) * 300,
        "source_name": LONG,
        "ordinal": 12,
        "controller": LONG,
        "duties": 90,
        "amended": LONG,
        "has_source": True,
    }
    return DraftHead(**facts | changed)


def party(number: int) -> PartyView:
    names = tuple(f"{one} {LONG}" for one in range(9))
    return PartyView(number, f"{number} {LONG}", 300, False, names, tuple(range(9)))  # noqa: FBT003


def doubt(number: int) -> Doubt:
    return Doubt(tuple(DoubtKind)[number % 3], number, NUMBER, LONG)


def colleague(number: int) -> Colleague:
    return Colleague(f"{number} {LONG}", NOW, Touch(LONG, NOW, What.TITLE, NUMBER))


def activity(number: int, words: str = LONG) -> Activity:
    dates = [{"kind": "window", "start": "2026-09-01", "end": "2027-05-31"}] * 40
    return Activity(
        id=10**9 + number,
        edition_id=10**9,
        number=NUMBER,
        title=words,
        deadline_text=words,
        deadlines=[*dates, {"kind": "relative", "anchor": words, "offset": words}],
        responsible_text=words,
        expected_result=words,
        duty=Duty.EACH,
        printed=dict.fromkeys(("number", "title", "deadline_text", "responsible_text"), LONG),
    )


def edition(number: int = 1) -> Edition:
    return Edition(
        id=number,
        ordinal=number,
        number=LONG[:100],
        dated=TODAY,
        state=EditionState.DRAFT,
        base_id=number,
        source_file_id="file",
        roadmap_id=1,
        approved_at=NOW,
    )


def roadmap(number: int = 1) -> Roadmap:
    return Roadmap(id=number, title=LONG, time_zone="Europe/Moscow")


def difference(number: int) -> Difference:
    return Difference(
        DifferenceKind.CHANGED, activity(number, LONG[7:]), activity(number), tuple(rows.CHANGED_WORDS)
    )


def change(number: int) -> ChangeView:
    return ChangeView(
        ChangeKind.MOVED, number, f"{number} {LONG}", NUMBER, LONG, LONG[7:], TODAY, date(2027, 1, 1)
    )


def rehearsed() -> Rehearsal:
    asked = tuple(
        RehearsedItem(one, None, f"{one} {LONG}", TODAY, ("d-1",), one // 25, LONG, LONG)
        for one in range(300)
    )
    told = tuple(Part(one, LONG, (LONG,) * 3, asked) for one in range(12))
    return Rehearsal(
        month=date(2026, 11, 1),
        today=TODAY,
        messages=tuple(Message(TODAY, one, LONG, False, told) for one in range(30)),  # noqa: FBT003
        unheard=tuple(Unheard(LONG, 300) for _ in range(300)),
        digests=Digests((TODAY,) * 5, (LONG,) * 90),
        plans=3,
        before_approval=True,
    )


def past_date(number: int) -> PastDate:
    return PastDate(id=10**9 + number, due=TODAY, choice=None, activity=activity(number))


def seat(number: int) -> SeatView:
    return SeatView(number, number, f"{number} {LONG}", LONG, Role.EXECUTOR, taken=False)


PREVIEW = Preview(
    head(),
    tuple(map(doubt, range(300))),
    tuple(map(party, range(60))),
    tuple(map(difference, range(300))),
)
DIGEST = DigestView(
    LONG,
    TODAY,
    figures(),
    figures(1),
    tuple(map(group, range(3))),
    tuple(map(counted, range(300))),
    tuple(map(group, range(60))),
    (LONG,) * 60,
)
DRAFT = DraftView(
    10**9,
    ReportState.DRAFT,
    item(1, target=TARGET),
    LONG,
    HELD,
    (),
    figure=FigureView(TARGET),
    short=Short.DELETE,
    with_place=True,
)
UNBOUND = replace(DRAFT, item=None, candidates=(*map(item, range(60)),), short=Short.ALL)
POINT = {"number": NUMBER, "title": LONG, "deadline_text": LONG, "responsible_text": LONG}
LINK = f"https://t.me/{'b' * 32}?start={'t' * 32}"
PLACES = [Organisation(id=one, short_name=LONG) for one in range(300)]

SCREENS: dict[str, Callable[[], Screen]] = {
    "a digest of 60 offices": lambda: digest.digest(DIGEST),
    "the summary": lambda: status.summary(LONG, figures(), now=NOW, zone="Europe/Moscow"),
    "the rows behind a figure": lambda: status.rows(Standing.OVERDUE, [*map(counted, range(300))], 17),
    "the organisations": lambda: status.places([*map(group, range(300))], set(), 3),
    "the sections": lambda: status.sections([*map(group, range(300))], 3),
    "the queue of reports": lambda: status.queue([review()] * 300, 0),
    "the preview of 300 rows": lambda: orders.preview(PREVIEW, [*map(colleague, range(20))]),
    "the remarks to 300 rows": lambda: orders.remarks(10**9, head().remarks, 2),
    "the past dates": lambda: orders.past(10**9, [*map(past_date, range(300))], TODAY, 2),
    "what a colleague changed": lambda: orders.shared(LONG, 1, [Touch(LONG, NOW, What.TITLE, NUMBER)] * 90),
    "the parties of an order": lambda: parties.parties(10**9, [*map(party, range(60))]),
    "one party": lambda: parties.party(10**9, party(1), PLACES, 300, 4),
    "the rows of a draft": lambda: rows.rows(
        10**9, [*map(activity, range(300))], {10**9 + one: LONG for one in range(300)}, 3
    ),
    "one row": lambda: rows.row(activity(1), [TODAY] * 90, shared=True, before=activity(2, LONG[7:])),
    "the changes of an amendment": lambda: changes.differences(edition(), [*map(difference, range(300))], 2),
    "the match of a row": lambda: changes.match(activity(1), None, [*map(activity, range(90))]),
    "the choice of a plan": lambda: changes.bases(1, [*map(roadmap, range(90))]),
    "what changed for an executor": lambda: changes.changes(LONG, edition(), [*map(change, range(300))]),
    "a plan on a day": lambda: changes.as_of(
        roadmap(), TODAY, [Past(1, NUMBER, LONG, LONG, TODAY, AssignmentState.COVERED)] * 300, 4
    ),
    "the plans": lambda: plans.listed([head()] * 60, [*map(roadmap, range(60))]),
    "a plan of 20 editions": lambda: plans.plan(roadmap(), [*map(edition, range(20))]),
    "the points of an order": lambda: plans.order_duties(10**9, [POINT] * 90),
    "a rehearsal": lambda: rehearsal.rehearsal(rehearsed(), 10**9, 2),
    "the end of a rehearsal": lambda: rehearsal.rehearsal(rehearsed(), 10**9, 999),
    "a reminder of 60": lambda: items.reminder([*map(item, range(60))]),
    "a reminder of one": lambda: items.reminder([item(1)]),
    "my items": lambda: items.listed([*map(item, range(60))], 3),
    "a draft": lambda: items.draft(DRAFT),
    "a draft of something": lambda: items.draft(replace(UNBOUND, short=None)),
    "a draft of everything": lambda: items.draft(UNBOUND),
    "a draft for all": lambda: items.all_of_them(UNBOUND),
    "a draft beside another's report": lambda: items.draft(replace(DRAFT, rival=RIVAL)),
    "a report sent": lambda: items.submitted(replace(DRAFT, first=True)),
    "a reminder of 60 and drafts": lambda: items.reminder([*map(item, range(60))], drafts=[DRAFT, UNBOUND]),
    "a month of 60": lambda: items.monthly([*map(item, range(60))], TODAY, 3),
    "today's items": lambda: items.today([*map(item, range(60))]),
    "an edit of an accepted report": lambda: reviews.edited(review(), LONG * 9, LONG * 8),
    "a card with a long report": lambda: reviews.card(review("Отчёт <i>\n" * 400)),
    "a card that was decided": lambda: reviews.card(review("Отчёт & " * 500, Verdict.RETURNED)),
    "a verdict": lambda: reviews.verdict(review(verdict=Verdict.RETURNED)),
    "the seats": lambda: invitations.overview([*map(seat, range(300))]),
    "the links of one message": lambda: invitations.links([(seat(one), LINK) for one in range(LINKS_EACH)]),
    "the schools of a list": lambda: invitations.schools_added((LONG,) * 300, 90, 390),
}


def shown(call: dict[str, Any]) -> dict[str, Any]:
    """Give the message as the server takes it; fails where it would be refused."""
    taken = sending.text_of(call) | sending.markup_of(call)
    rows_ = taken.get("reply_markup", {}).get("inline_keyboard", [])
    buttons = [button for row in rows_ for button in row]
    assert len(taken["text"]) <= MOST_TEXT
    assert len(buttons) <= MOST_BUTTONS
    assert all(row and len(row) <= 8 for row in rows_)
    assert all(len(button["callback_data"].encode()) <= MOST_DATA for button in buttons)
    assert all(0 < len(button["text"]) <= MOST_LABEL for button in buttons)
    return taken


@pytest.mark.parametrize("what", SCREENS)
def test_every_screen_is_taken_however_large_the_facts(what: str) -> None:
    screen = SCREENS[what]()
    sent = shown(message(screen, 7))
    assert shown(edit(screen, 7, 5)) == sent
    assert not any(tag in sent["text"] for tag in ("<b>п. ", "</b>", "&lt;", "&quot;"))


@pytest.mark.parametrize(
    "what", ["a digest of 60 offices", "the changes of an amendment", "a reminder of 60", "a rehearsal"]
)
def test_what_grows_by_itself_is_short_enough_before_anything_is_cut_off(what: str) -> None:
    screen = SCREENS[what]()
    assert message(screen, 7)["text"] == screen.text


def test_a_long_list_of_changes_says_how_many_are_left() -> None:
    text = changes.changes(LONG, edition(), [*map(change, range(300))]).text
    told = text.count("✏️")
    assert 0 < told < 15
    assert f"…и ещё {300 - told}" in text
    assert text.endswith("Ваши пункты: /plan")


def test_a_report_of_4000_characters_keeps_its_beginning_and_its_buttons() -> None:
    sent = shown(message(reviews.card(review("Начало. " + "слово " * 700)), 7))
    assert "Начало. слово" in sent["text"]
    assert [button["text"] for button in sent["reply_markup"]["inline_keyboard"][0]] == [
        "✅ Принять",
        "↩️ Вернуть",
    ]


# --- albums -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EvidenceKind)
@pytest.mark.parametrize("pieces", [1, 2, ALBUM])
def test_an_album_is_a_call_that_telegram_takes(pieces: int, kind: EvidenceKind) -> None:
    held = [Evidence(id=one, kind=kind, file_id=f"file-{one}") for one in range(pieces)]
    call = reviews.album(7, reviews.album_caption(review()), held)
    media = call.get("media", [call])
    assert len(media) == pieces <= MOST_ALBUM
    captions = [sending.caption_of(one).get("caption", "") for one in media]
    assert captions[0].startswith("Проведение <b>") or call["method"] == "sendVideoNote"
    assert all(len(caption) <= MOST_CAPTION for caption in captions)


def test_the_file_of_an_order_has_a_caption_that_telegram_takes() -> None:
    assert "SHA-256" in sending.caption_of(plans.source(7, edition(), "f" * 64))["caption"]


# --- the cut itself ---------------------------------------------------------------------------


def test_a_text_that_fits_is_left_alone_entities_counted_as_telegram_counts_them() -> None:
    text = "<b>&lt;</b>" * MOST_TEXT
    assert fit(text) == text
    assert len(html.parse(text, "HTML")[0]) == MOST_TEXT


@pytest.mark.parametrize("length", range(20, 60))
def test_a_text_is_cut_between_lines_and_never_within_a_tag(length: int) -> None:
    text = "<b>Первая &amp; строка</b>\n<blockquote>вторая\nтретья</blockquote>\n<i>четвёртая</i>\nпятая"
    cut = fit(text, length)
    seen, _ = html.parse(cut, "HTML")
    assert len(seen) <= length
    whole = visible(text).split("\n")
    assert seen == visible(text) or seen.removesuffix("\n…").split("\n") in (whole[:1], whole[:3], whole[:4])


def test_one_endless_line_keeps_its_words_and_loses_its_markup() -> None:
    cut = fit("<b>" + "слово &lt; " * 1000 + "</b>")
    assert len(html.parse(cut, "HTML")[0]) <= MOST_TEXT
    assert cut.startswith("слово &lt; слово")


def test_the_simulator_refuses_what_these_tests_are_afraid_of() -> None:
    for text in ("а" * (MOST_TEXT + 1), "<b>не закрыт", "имя <b"):
        with pytest.raises(ApiError):
            sending.text_of({"text": text, "parse_mode": "HTML"})
