"""Whether words tell of something done: then they are a report, whatever else they ask."""

import re
from collections.abc import Sequence
from itertools import pairwise

_PAST = re.compile(r"[а-я]{2,}л(?:а|и|о)?(?:сь|ся)?")
_DONE_TO = re.compile(r"[а-я]{3,}(?:ен|ан|ят|ыт)(?:а|о|ы)?")
# Nouns and the like with the same endings.
_NO_VERB = re.compile(
    r"школ\w*|если|или|\w*(?:тели|дели|цели|роли|доли|земли)|зал|стол|(?:от|раз)?дел(?:а|о)?|числа|начал[ао]"
    r"|материал|персонал|журнал|файл|балл|протокол|правил[ао]?|мало|села|цикл|план|экзамен|времен|месяц"
)
# Why something is not done, and what a request itself says of the day.
_REASON = re.compile(
    r"бол|забол|прибол|закры|уш|уехал|отключ|слома|объяв|вве|попал|отмен|перен|отлож|сдвин|опозд|задерж|был"
    r"|мог|успе|ошиб|хотел|продл|наступил|начал|поня|нужен|должен|обязан|согласен|занят|перепута"
)


def tells_of_deeds(words: Sequence[str]) -> bool:
    """Whether ``words`` (lower case, «е» for «ё») hold a past tense that is not denied: «провели», «вручены».

    Reasons («заболели», «отменили») and moves («перенесли») are no deeds. A noun that looks like a verb
    counts as one: the caller loses a reading, and never invents one.
    """
    return any(before != "не" and _is_deed(word) for before, word in pairwise(["", *words]))


def _is_deed(word: str) -> bool:
    if _NO_VERB.fullmatch(word) or _REASON.match(word):
        return False
    return bool(_PAST.fullmatch(word) or _DONE_TO.fullmatch(word))
