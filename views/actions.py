"""What buttons carry: a key and integer ids, within 64 bytes, understood for ever."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from views.screen import Button, Keyboard


class Action(StrEnum):
    """The key of a press."""

    JOIN = "join"
    CONSENT = "consent"
    DECLINE = "decline"
    PRIVACY = "privacy"
    PRIVACY_TEXT = "priv_text"
    PRIVACY_NEW = "priv_new"
    PRIVACY_AGREE = "priv_agree"
    PRIVACY_REVOKE = "priv_off"
    PRIVACY_ERASE = "priv_erase"
    ORDER = "order"
    REMARKS = "remarks"
    ROWS = "rows"
    ROW = "row"
    PARTIES = "parties"
    PARTY = "party"
    PARTY_ALL = "party_all"
    PARTY_MEMBER = "party_org"
    PARTY_FOUND = "party_new"
    DUTIES = "duties"
    DUTY_ALL = "duty_all"
    DUTY_ROW = "duty_row"
    FIX = "fix"
    NO_DEADLINE = "undated"
    FIX_ANCHOR = "anchor"
    PAST = "past"
    PAST_ALL = "past_all"
    PAST_ONE = "past_one"
    APPROVE = "approve"
    APPROVE_SURE = "approve_sure"
    DISCARD = "discard"
    REHEARSAL = "rehearsal"
    ORDERS = "orders"
    TERMS = "terms"
    TERMS_ASK = "terms_ask"
    SOURCE = "source"
    ORDER_DUTIES = "points"
    ADD_DUTY = "add_point"
    REMARK_OK = "remark_ok"
    BASES = "bases"
    REBASE = "rebase"
    SEPARATE = "separate"
    CHANGES = "changes"
    MATCH = "match"
    LINK = "link"
    PLAN = "plan"
    AS_OF = "as_of"
    AS_OF_PAGE = "as_of_page"
    SCHOOLS = "schools"
    INVITES = "invites"
    INVITE = "invite"
    ANSWER = "answer"
    SUBMIT = "submit"
    REBIND = "rebind"
    BIND = "bind"
    DROP = "drop"
    DRAFT = "draft"
    SUPPLEMENT = "add_to"
    BIND_ALL = "bind_all"
    ALL_SURE = "all_sure"
    CHILDREN = "children"
    ITEMS = "items"
    MONTH = "month"
    OTHER = "other"
    AS_APPEAL = "as_appeal"
    PROGRESS = "progress"
    EXTENSION = "extension"
    HELP_ME = "help_me"
    NOT_OURS = "not_ours"
    NO_WORDS = "no_words"
    NO_REASON = "no_reason"
    LEAVE_DAY = "leave_day"
    TAKE_BACK = "take_back"
    GRANT = "grant"
    OTHER_DAY = "other_day"
    REPLY = "reply"
    TAKE_OFF = "take_off"
    APPEALS = "appeals"
    APPEAL = "appeal"
    ACCEPT = "accept"
    RETURN = "return"
    RETURN_AS = "return_as"
    EARLIER = "earlier"
    STATUS = "status"
    STATUS_ROWS = "st_rows"
    STATUS_PLACES = "st_orgs"
    STATUS_PLACE = "st_org"
    STATUS_SECTIONS = "st_parts"
    STATUS_REVIEW = "st_review"
    CALL = "call"
    NOT_NOW = "not_now"
    QUIET_UNTIL = "quiet"
    ASK = "ask"
    ASK_PLACE = "ask_org"
    ASK_ALL = "ask_all"
    DEMAND_SEND = "dm_send"
    DEMAND_DROP = "dm_drop"
    BURDEN = "burden"
    LEAVE = "leave"
    LEAVE_SURE = "leave_sure"
    STAY = "stay"


def button(text: str, action: Action, *ids: int) -> Button:
    """Make a button that carries an action and its ids."""
    return Button(text, ":".join((action.value, *map(str, ids))))


def parse(data: str) -> tuple[Action, tuple[int, ...]] | None:
    """Read what a press carries; None for what no button of ours ever said."""
    key, *ids = data.split(":")
    try:
        return Action(key), tuple(int(one) for one in ids)
    except ValueError:
        return None


def column(*buttons: Button) -> Keyboard:
    """Put each button on a row of its own."""
    return tuple((one,) for one in buttons)


PAGE = 8
T = TypeVar("T")


def pager(action: Action, ids: tuple[int, ...], page: int, total: int) -> Keyboard:
    """Give the «‹ 2/5 ›» row of a list of ``total`` entries; nothing where one page holds them."""
    pages = max(1, -(-total // PAGE))
    if pages == 1:
        return ()
    before, after = (page - 1) % pages, (page + 1) % pages
    return (
        (
            button("‹", action, *ids, before),
            button(f"{page + 1}/{pages}", action, *ids, page),
            button("›", action, *ids, after),
        ),
    )


def page_of(entries: Sequence[T], page: int) -> list[T]:
    """Cut one page out of a list; a page that is gone becomes the last one."""
    last = max(0, (len(entries) - 1) // PAGE)
    start = min(max(page, 0), last) * PAGE
    return list(entries[start : start + PAGE])
