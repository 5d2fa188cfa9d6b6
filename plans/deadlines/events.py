"""What an event is called: «после утверждения приказа» waits for «утверждение приказа».

Orders name events by a noun in the genitive; its nominative follows from the ending, and where it does
not the word stands in ``EVENT_HEADS``.
"""

# The first word of an event, as «после …» has it and as it is called.
EVENT_HEADS: dict[str, str] = {
    "начала": "начало",
    "конца": "конец",
    "дня": "день",
    "отчета": "отчет",
    "каникул": "каникулы",
}

# The first that fits decides; genitives of one ending have one nominative but for the words above.
EVENT_ENDINGS: tuple[tuple[str, str], ...] = (
    ("ства", "ство"),
    ("ости", "ость"),
    ("ний", "ния"),
    ("тий", "тия"),
    ("ций", "ции"),
    ("ков", "ки"),
    ("гов", "ги"),
    ("ии", "ия"),
    ("ия", "ие"),
    ("ки", "ка"),
    ("чи", "ча"),
    ("ов", "ы"),
    ("ы", "а"),
    ("а", ""),
)


def event_name(words: str) -> str:
    """Return «утверждение приказа» for «утверждения приказа», abbreviations as they are."""
    head, space, rest = words.partition(" ")
    if head.isupper() and len(head) > 1:
        return words
    return _nominative(head) + space + rest


def each_event(each: str, words: str) -> str:
    """Return «каждая ВПР» for «каждой ВПР», «каждое мероприятие» for «каждого мероприятия»."""
    name = event_name(words)
    if each.endswith("ой"):
        return f"каждая {name}"
    neuter = name.partition(" ")[0].endswith(("о", "е"))
    return f"{'каждое' if neuter else 'каждый'} {name}"


def _nominative(word: str) -> str:
    known = EVENT_HEADS.get(word.lower())
    if known is not None:
        return known
    for ending, nominative in EVENT_ENDINGS:
        if word.lower().endswith(ending):
            return word[: len(word) - len(ending)] + nominative
    return word
