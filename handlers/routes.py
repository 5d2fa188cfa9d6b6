"""The routes: which message goes to which conversation, first match first."""

from aiogram import Router

from handlers import (
    amendments,
    invitations,
    items,
    orders,
    parties,
    rehearsal,
    reviews,
    rows,
    status,
    terms,
    welcome,
)
from handlers.filters import (
    Answers,
    Corrects,
    Expects,
    FromStranger,
    Holds,
    InGroup,
    PastesOrder,
    Reportable,
    SendsFile,
    SendsPhoto,
)
from handlers.press import Routes, dispatcher
from models.letters import QuestionKind
from models.people import Role

APPROVER = Holds(Role.ADMINISTRATOR, Role.COORDINATOR)
OVERSEER = Holds(Role.ADMINISTRATOR, Role.COORDINATOR, Role.STAFF)
EXECUTOR = Holds(Role.EXECUTOR)
SPREADSHEETS = (".xlsx", ".xls", ".ods")

MESSAGES = (
    (welcome.in_group, (InGroup(),)),
    (welcome.start, (welcome.START,)),
    (welcome.stranger, (FromStranger(),)),
    (welcome.ask_for_help, (welcome.HELP,)),
    (welcome.cancel, (welcome.CANCEL,)),
    (status.status, (status.STATUS, OVERSEER)),
    (items.plan, (items.PLAN, EXECUTOR)),
    (invitations.invite, (invitations.INVITE, APPROVER)),
    (orders.listed, (orders.ORDERS, APPROVER)),
    (reviews.remark, (Answers(QuestionKind.REMARK),)),
    (rows.correction, (Corrects(), APPROVER)),
    (rows.answer, (Answers(*rows.FIELD_OF), APPROVER)),
    (rows.anchor, (Answers(QuestionKind.ANCHOR), APPROVER)),
    (amendments.as_of, (Answers(QuestionKind.AS_OF), APPROVER)),
    (invitations.school_lines, (Answers(QuestionKind.SCHOOLS), APPROVER)),
    (orders.pasted, (PastesOrder(), APPROVER)),
    (terms.answer, (Answers(QuestionKind.TERMS), APPROVER)),
    (invitations.schools_file, (SendsFile(), Expects(QuestionKind.SCHOOLS), APPROVER)),
    (orders.table_file, (SendsFile(*SPREADSHEETS), APPROVER)),
    (orders.order_file, (SendsFile(), APPROVER)),
    (items.any_answer, (Reportable(), EXECUTOR)),
    (orders.picture, (SendsPhoto(), APPROVER)),
    (welcome.not_understood, ()),
)

PRESSES: Routes = {
    **welcome.PRESSES,
    **orders.PRESSES,
    **rows.PRESSES,
    **amendments.PRESSES,
    **parties.PRESSES,
    **invitations.PRESSES,
    **items.PRESSES,
    **reviews.PRESSES,
    **status.PRESSES,
    **rehearsal.PRESSES,
    **terms.PRESSES,
}


def router() -> Router:
    """Build the router of every conversation; a new one each time, for a new dispatcher."""
    made = Router(name="conversations")
    for handler, filters in MESSAGES:
        made.message.register(handler, *filters)
    made.callback_query.register(dispatcher(PRESSES))
    made.my_chat_member.register(welcome.membership)
    return made
