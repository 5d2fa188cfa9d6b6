"""Regions of Russia by the stem of their names, and the time zone of each (IANA).

Where a region lies in two zones, the one of its capital. Stems are lower case and end before the
ending that changes: «оренбургск» finds «Оренбургской области».
"""

import re

MOSCOW = "Europe/Moscow"

BY_ZONE: dict[str, str] = {
    "Europe/Kaliningrad": "калининградск",
    MOSCOW: (
        "адыге архангельск белгородск брянск владимирск вологодск воронежск дагестан донецк "
        "запорожск ивановск ингушети ингушск кабардино-балкар калмыки калужск карачаево-черкес карели "
        "костромск краснодарск курск ленинградск липецк луганск марий мордов московск мурманск ненецк "
        "нижегородск новгородск коми орловск осети пензенск псковск ростовск рязанск смоленск "
        "ставропольск тамбовск татарстан тверск тульск херсонск чеченск чечн чуваш ярославск"
    ),
    "Europe/Simferopol": "крым",
    "Europe/Kirov": "кировск",
    "Europe/Volgograd": "волгоградск",
    "Europe/Samara": "самарск удмурт",
    "Europe/Astrakhan": "астраханск",
    "Europe/Saratov": "саратовск",
    "Europe/Ulyanovsk": "ульяновск",
    "Asia/Yekaterinburg": (
        "башкортостан башкирск курганск оренбургск пермск свердловск тюменск ханты-мансийск челябинск "
        "ямало-ненецк"
    ),
    "Asia/Omsk": "омск",
    "Asia/Novosibirsk": "новосибирск",
    "Asia/Barnaul": "алтайск алтай",
    "Asia/Tomsk": "томск",
    "Asia/Novokuznetsk": "кемеровск кузбасс",
    "Asia/Krasnoyarsk": "красноярск тыва тува хакаси",
    "Asia/Irkutsk": "иркутск буряти",
    "Asia/Chita": "забайкальск",
    "Asia/Yakutsk": "амурск якути саха",
    "Asia/Vladivostok": "приморск хабаровск еврейск",
    "Asia/Magadan": "магаданск",
    "Asia/Sakhalin": "сахалинск",
    "Asia/Kamchatka": "камчатск",
    "Asia/Anadyr": "чукотск",
}
CITIES = {"москв": MOSCOW, "санкт-петербург": MOSCOW, "севастопол": "Europe/Simferopol"}
BY_STEM = {stem: zone for zone, stems in BY_ZONE.items() for stem in stems.split()} | CITIES
# The longest first: «сахалинск» begins with «саха».
STEMS = "|".join(re.escape(stem) for stem in sorted(BY_STEM.keys() - CITIES.keys(), key=len, reverse=True))
# Said without «область» or «республика», or in short: only where a file names no region in full.
NAMES = {
    "татарстан": MOSCOW, "дагестан": MOSCOW, "мордови": MOSCOW, "чуваши": MOSCOW, "карели": MOSCOW,
    "калмыки": MOSCOW, "адыге": MOSCOW, "ингушети": MOSCOW, "чечн": MOSCOW, "крым": "Europe/Simferopol",
    "севастопол": "Europe/Simferopol", "санкт-петербург": MOSCOW, "удмурти": "Europe/Samara",
    "башкортостан": "Asia/Yekaterinburg", "башкири": "Asia/Yekaterinburg", "югр": "Asia/Yekaterinburg",
    "хмао": "Asia/Yekaterinburg", "янао": "Asia/Yekaterinburg", "кузбасс": "Asia/Novokuznetsk",
    "хакаси": "Asia/Krasnoyarsk", "тыв": "Asia/Krasnoyarsk", "тув": "Asia/Krasnoyarsk",
    "бурят": "Asia/Irkutsk", "якути": "Asia/Yakutsk", "забайкаль": "Asia/Chita",
    "приморь": "Asia/Vladivostok", "еао": "Asia/Vladivostok", "чукотк": "Asia/Anadyr",
    "камчатк": "Asia/Kamchatka", "сахалин": "Asia/Sakhalin", "днр": MOSCOW, "лнр": MOSCOW, "кбр": MOSCOW,
    "кчр": MOSCOW, "нао": MOSCOW,
}  # fmt: skip
NAMED = re.compile(
    rf"(?<![\w-])(?P<stem>{'|'.join(NAMES)})(?:а|е|и|у|ы|я|ю|ом|ей|ой|ией|ия|ии|ию|ье|ью|ья)?(?![\w-])",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W\d_]+")
# With these letters a word that names a region begins: «ханты» of «ханты-мансийск».
FIRST_LETTERS = tuple({name.split("-")[0] for name in (*BY_STEM, *NAMES)})
LONG_ENOUGH = 4  # letters that tell a region from other words
WHOLE_STEMS = tuple(letters for letters in FIRST_LETTERS if len(letters) >= LONG_ENOUGH)
REST_OF_NAMES = frozenset({"эл", "алания", "югра", "тыва", "тува"})
OF_NO_REGION = ("комит", "комис")  # «комитет» and «комиссия» begin like «Коми»
LOOKED_AT = 200_000  # characters: a hundred pages
KIND = r"(?:обл\b|област|кра[йяюе]|автономн\w+\s+(?:округ|област))"
PATTERNS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<![\w-])(?P<stem>{STEMS})\w*\s+{KIND}",
        rf"республик\w*\s+(?:северн\w+\s+)?(?P<stem>{STEMS})",
        rf"(?<![\w-])(?P<stem>{STEMS})\w*\s+(?:народн\w+\s+)?республик",
        rf"(?:\bг\.\s*|\bгород\w*\s+(?:федерального\s+значения\s+)?)(?P<stem>{'|'.join(CITIES)})",
    )
)


def zone_of(text: str) -> str | None:
    """Give the time zone of the first region a text names; None where it names none."""
    text = text[:LOOKED_AT]
    if not _may_name_region(text):
        return None
    found = [match for pattern in PATTERNS if (match := pattern.search(text)) is not None]
    if not found:
        named = NAMED.search(text)
        return NAMES[named["stem"].casefold()] if named is not None else None
    return BY_STEM[min(found, key=lambda match: match.start())["stem"].casefold()]


def names_region(word: str) -> bool:
    """Tell «башкортостан», «алтайского», «эл» of «Марий Эл»: a word of a region's name, in small letters."""
    return word in REST_OF_NAMES or (word.startswith(WHOLE_STEMS) and not word.startswith(OF_NO_REGION))


def _may_name_region(text: str) -> bool:
    """Tell in one quick walk that no word of a text begins like the name of a region."""
    words = set(WORD.findall(text.casefold()))
    return any(word.startswith(FIRST_LETTERS) and not word.startswith(OF_NO_REGION) for word in words)
