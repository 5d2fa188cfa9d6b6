"""The routes: which message goes to which conversation, first match first."""

from aiogram import Router

from handlers import (
    amendments,
    appeals,
    burden,
    calling,
    demands,
    invitations,
    items,
    leaving,
    orders,
    parties,
    privacy,
    quiet,
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
    (privacy.my_data, (privacy.PRIVACY,)),
    (welcome.stranger, (FromStranger(),)),
    (welcome.ask_for_help, (welcome.HELP,)),
    (welcome.cancel, (welcome.CANCEL,)),
    (status.status, (status.STATUS, OVERSEER)),
    (calling.call, (calling.CALL, OVERSEER)),
    (items.plan, (items.PLAN, EXECUTOR)),
    (items.today, (items.TODAY, EXECUTOR)),
    (invitations.invite, (invitations.INVITE, APPROVER)),
    (orders.listed, (orders.ORDERS, APPROVER)),
    (demands.ask, (demands.ASK, APPROVER)),
    (burden.asked, (burden.ASKED, OVERSEER)),
    (leaving.leave, (leaving.LEAVE,)),
    (demands.answer, (Reportable(), demands.AnswersDemand())),
    (reviews.remark, (Answers(QuestionKind.REMARK),)),
    (appeals.reply, (Answers(QuestionKind.REPLY), appeals.ToTheQuestion(), APPROVER)),
    (appeals.words, (Answers(*appeals.KIND_OF), appeals.ToTheQuestion(), EXECUTOR)),
    (demands.text, (Answers(QuestionKind.DEMAND), demands.AnswersNothingElse(), APPROVER)),
    (demands.grounds, (Answers(QuestionKind.GROUNDS), demands.AnswersNothingElse(), APPROVER)),
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
    **privacy.PRESSES,  # whose «decline» forgets the chat as well
    **orders.PRESSES,
    **rows.PRESSES,
    **amendments.PRESSES,
    **parties.PRESSES,
    **invitations.PRESSES,
    **items.PRESSES,
    **reviews.PRESSES,
    **appeals.PRESSES,
    **status.PRESSES,
    **calling.PRESSES,
    **quiet.PRESSES,
    **rehearsal.PRESSES,
    **terms.PRESSES,
    **demands.PRESSES,
    **burden.PRESSES,
    **leaving.PRESSES,
}


def router() -> Router:
    """Build the router of every conversation; a new one each time, for a new dispatcher."""
    made = Router(name="conversations")
    for handler, filters in MESSAGES:
        made.message.register(handler, *filters)
    made.edited_message.register(items.edited)
    made.callback_query.register(dispatcher(PRESSES))
    made.my_chat_member.register(welcome.membership)
    for heard in (made.message, made.edited_message, made.callback_query):
        heard.middleware(privacy.ask_anew)
    return made
