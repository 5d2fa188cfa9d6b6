"""Regions of Russia by the stem of their names, and the time zone of each (IANA).

Where a region lies in two zones, the one of its capital. Stems are lower case and end before the
ending that changes: «оренбургск» finds «Оренбургской области».
"""

import re

MOSCOW = "Europe/Moscow"

BY_ZONE: dict[str, str] = {
    "Europe/Kaliningrad": "калининградск",
    MOSCOW: (
        "адыге архангельск белгородск брянск владимирск волгоградск вологодск воронежск дагестан донецк "
        "запорожск ивановск ингушети кабардино-балкар калмыки калужск карачаево-черкес карели костромск "
        "краснодарск крым курск ленинградск липецк луганск марий мордови московск мурманск ненецк "
        "нижегородск новгородск коми орловск осети пензенск псковск ростовск рязанск смоленск "
        "ставропольск тамбовск татарстан тверск тульск херсонск чеченск чуваш ярославск"
    ),
    "Europe/Kirov": "кировск",
    "Europe/Samara": "самарск удмурт",
    "Europe/Astrakhan": "астраханск",
    "Europe/Saratov": "саратовск",
    "Europe/Ulyanovsk": "ульяновск",
    "Asia/Yekaterinburg": (
        "башкортостан башкирск курганск оренбургск пермск свердловск тюменск ханты-мансийск челябинск ямало"
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
BY_STEM = {stem: zone for zone, stems in BY_ZONE.items() for stem in stems.split()}
KIND = r"(област\w*|кра[йяюе]\w*|автономн\w+\s+округ\w*|автономн\w+\s+област\w*)"
NAMED = re.compile(rf"\b(?P<stem>{'|'.join(map(re.escape, BY_STEM))})\w*\s+{KIND}", re.IGNORECASE)
REPUBLIC = re.compile(
    rf"республик\w*\s+(?P<stem>{'|'.join(map(re.escape, BY_STEM))})|"
    rf"\b(?P<before>{'|'.join(map(re.escape, BY_STEM))})\w*\s+республик",
    re.IGNORECASE,
)


def zone_of(text: str) -> str | None:
    """Give the time zone of the first region a text names; None where it names none."""
    found = [match for pattern in (NAMED, REPUBLIC) if (match := pattern.search(text))]
    if not found:
        return None
    first = min(found, key=lambda match: match.start())
    stem = first["stem"] or first.groupdict().get("before")
    return BY_STEM[stem.casefold()] if stem else None
