"""Pieces of a request for another day: what asks, what explains, what refuses."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from plans.deadlines.tokens import Token
from plans.deadlines.words import Kind


class Role(Enum):
    """What a piece does in a request."""

    ASKS = auto()  # or promises: «просим до 15 мая», «сделаем к 15 мая»
    TELLS = auto()  # of a reason, a refusal, the deadline that was: its days are not wanted
    REMARKS = auto()  # anything else, a day alone included


@dataclass(frozen=True)
class Piece:
    """Tokens between two pauses; those of a piece that asks end before its reason."""

    tokens: Sequence[Token]
    role: Role


_ASKING = re.compile(
    r"прошу|прос(?:им|ит|ьба)|перене|перенос|продл|отлож|сдви|отсроч|мож|дава|дайте|дать|хот|нуж[ен]"
    r"|смо[жг]|сдела[ею]|провед[еу]м?$|планир|успе[ею]|сдад|отчита[ею]|подготовим|буд|выполн(?:им|ю)|предостав"
    r"|пришл[еию]|отправ(?:им|лю|ить)|заверш(?:им|у|ить)|законч(?:им|у|ить)|разреш|лучше|предлаг|напомн"
    r"|установи|назнач|добав|постара"
)
_REASON = re.compile(
    r"карантин|боле|забол|больнич|грипп|орви|ремонт|командир|отпуск|отсутств|закры|авари|мороз|актиров|связи$"
    r"|причин|поскольк|так$|из$|ввиду|потому|вместо|приказ|каникул|объявл|ввели|длит"
)
# Of the deadline that was, or of what is done; «перенести срок» asks.
_TOLD = re.compile(
    r"срок|был|план|действу|провел|провод|прош[ле]|состоял|сдал|сдела[лн]|отправил|ушл|ушел|едем|уезж"
)
_PAUSES = frozenset({Kind.COMMA, Kind.BRACKET, Kind.COLON, Kind.STRANGE})
_OF_DAYS = frozenset({
    Kind.NUMBER, Kind.DAY_DATE, Kind.MONTH_DATE, Kind.YEAR, Kind.YEAR_UNIT, Kind.ORDINAL, Kind.MONTH,
    Kind.QUARTER, Kind.WEEKDAY,
})  # fmt: skip
_FILLING = frozenset(
    (
        *("а", "и", "ну", "вот", "еще", "только", "пожалуйста", "наверное", "например", "хотя", "бы", "нам"),
        *("мне", "время", "спасибо", "срок", "сроки", "срока", "дату", "ее", "его", "это", "этот", "отчет"),
        *("проведение", "сдачу", "здравствуйте", "добрый", "доброе", "день", "утро", "вечер", "выполнение"),
        *("исполнение", "ли", "готово", "пункт", "пункта", "мероприятие", "мероприятия", "дополнительно"),
    )
)


def pieces(tokens: Sequence[Token]) -> Iterator[Piece]:
    """Cut at pauses and before words of asking: «не успеваем к 20.11 | просим | перенести на 10.12»."""
    taken: list[Token] = []
    for at, token in enumerate(tokens):
        pause = _is_pause(tokens, at)
        if taken and (pause or is_asking(tokens, at)):
            yield _piece(taken)
            taken = []
        if not pause:
            taken.append(token)
    if taken:
        yield _piece(taken)


def is_asking(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word asks or promises; «не успеем» does neither."""
    denied = at > 0 and tokens[at - 1].kind is Kind.NOT
    return not denied and bool(_ASKING.match(tokens[at].text))


def are_filling(tokens: Sequence[Token]) -> bool:
    """Whether the words add nothing to a day: «пожалуйста», «давайте»."""
    return all(token.text in _FILLING or is_asking(tokens, at) for at, token in enumerate(tokens))


def _piece(tokens: Sequence[Token]) -> Piece:
    reason = next((at for at in range(len(tokens)) if _explains(tokens, at)), len(tokens))
    if is_asking(tokens, 0):
        return Piece(tokens[:reason], Role.ASKS)
    told = reason < len(tokens) or any(_TOLD.match(token.text) for token in tokens)
    return Piece(tokens, Role.TELLS if told and not are_filling(tokens) else Role.REMARKS)


def _explains(tokens: Sequence[Token], at: int) -> bool:
    """«из-за», «в связи», «не успеваем»; «не позднее» is a limit."""
    if tokens[at].kind is Kind.NOT:
        return at + 1 == len(tokens) or tokens[at + 1].kind is not Kind.LATER
    return bool(_REASON.match(tokens[at].text))


def _is_pause(tokens: Sequence[Token], at: int) -> bool:
    """Whether the sign parts two remarks; that inside «2-3 недели» and «15 мая, пятница» does not."""
    sign = tokens[at]
    before, after = (tokens[at - 1] if at else None), (tokens[at + 1] if at + 1 < len(tokens) else None)
    if before is not None and after is not None:
        if {before.kind, after.kind} <= _OF_DAYS and sign.kind in {Kind.COMMA, Kind.DASH}:
            return False
        if sign.kind is Kind.DASH:
            return before.end < sign.start or sign.end < after.start
    return sign.kind in _PAUSES and not sign.text.isdigit()  # a figure that is no year is a misprint of one
