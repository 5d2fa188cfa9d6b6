"""What is the name of a school, and what stands beside it in a list: headings, addresses, directors."""

import re

MOST_NAME = 500
MOST_SHORT = 120
LONGEST_HEADING = 80  # characters of the heading of a column
HEADING = re.compile(
    r"\W*(?:№(?!\s*\d)|п/п|(?:полное\s+|краткое\s+)?(?:наименование|название)|организаци[яи]\b|учреждени[ея]\b"
    r"|школ[аы]$|список|перечень|реестр|приложение|итого|всего|общее\s+количество|на\s+\d{1,2}\.\d{1,2}\.\d{4})",
    re.IGNORECASE,
)
# «Городские школы», «Муниципальные общеобразовательные организации района»: a section of a list.
SECTION = re.compile(
    r"(?:[\w-]+(?:ые|ие)\s+)*(?:школы|организации|учреждения|гимназии|лицеи)\b[^\d«»\"№]*", re.IGNORECASE
)
OF_SCHOOLS = re.compile(r"организаци|учреждени|\bшкол|\bОО\b|\bОУ\b", re.IGNORECASE)
NAME = re.compile(
    r"\W*(?:(?:полное|официальное|краткое|сокращ[её]нное)\s+)?(?:наименовани|названи)", re.IGNORECASE
)
SHORT = re.compile(r"сокращ|кратк", re.IGNORECASE)
# All words that the heading of a column of schools may have: «Озёрская школа» is a school already.
HEADING_WORDS = re.compile(
    r"(?:\W|(?:полн|кратк|сокращ|официальн|юридическ|муниципальн|государственн|бюджетн|подведомственн)\w+"
    r"|(?:обще)?образовательн\w+|(?:наименовани|названи|организаци|учреждени|участник|соответстви|устав)\w*"
    r"|школ[аыу]?|ОО|ОУ|по|в|с|и|согласно|района|округа|города|лица)+",
    re.IGNORECASE,
)
# The heading of a column, or the beginning of a cell, that is about something else.
ELSE = re.compile(
    r"адрес|местонахожд|место\b|директор|руководител|заведующ|\b(?:и\.?\s?о\.?|врио)\s|ф\W?и\W?о\b|фамили"
    r"|телефон|\bтел\b|почт|e-?mail|сайт|\bИНН\b|\bОГРН\b|\bкод\b|\bтип\b|\bвид\b|статус|должност|учредител"
    r"|ответственн|куратор|класс|количеств|числен|контингент|насел[её]нн|муниципалитет|муниципальн\w+\s+(?:район|округ|образовани)"
    r"|\b(?:район|округ|город|территори\w+|год|дата|срок|примечани\w+|результат\w*|уровень)\b",
    re.IGNORECASE,
)
ABOUT_SCHOOL = re.compile(
    r"\W*(?:директор|руководител|заведующ|и\.\s?о\.|врио|учредител|адрес|тел(?:\.|ефон)|e-?mail|http|www"
    r"|начальник|исполнител|приказ|распоряжен|утвержд|по\s+состоянию)",
    re.IGNORECASE,
)
ACTIVITY = re.compile(r"мероприят", re.IGNORECASE)  # the table of a plan
OWNED = r"(?:[МГЧНО][АБКЧ]?[ДН]?О?ОУ|[МГ][АБК]У|[МГ]ОУ|ОГ[АБК]ОУ|ФГ[АБК]ОУ|ЧУ)"
CERTAIN = re.compile(
    rf"\b{OWNED}\b|\b[СОН]О?Ш\b|\bгимназия|\bлицей\b|\bшкола\b|\bшкола-|\bинтернат|кадетск|№\s*\d",
    re.IGNORECASE,
)
SCHOOL = re.compile(
    rf"\bшкол|гимнази|\bлице[йя]\b|интернат|детск\w+\s+сад|кадетск|\b[СОН]О?Ш\b|\b{OWNED}\b"
    r"|\bцентр\w*\s+(?:\w+\s+)?образовани",
    re.IGNORECASE,
)
STREET = (
    r"(?:\d{6}\b|\b(?:ул|пер|просп|пр-т|пр-кт|мкр|наб|бульв|б-р|пл)\.|\bпр-т\b"
    r"|\b(?:улица|переулок|проспект|шоссе|микрорайон|набережная|площадь|бульвар)\b|\b(?:д|дом)\.?\s*\d)"
)
ADDRESS = re.compile(STREET, re.IGNORECASE)
# What is said of a school after its name, in the same cell or line.
TAIL = re.compile(
    rf"(?:\s*[,;(–—-]\s*|\s+)(?:{STREET}|\bадрес\b|\bтел(?:\.|ефон)|\b(?:и\.\s?о\.\s*)?директор\s*[-–—:]?\s+[А-ЯЁ]"
    r"|\bруководител\w+\s*[-–—:]|\S+@\S+|\+7\b|\b8[-\s(]+\d{3}).*",
    re.IGNORECASE | re.DOTALL,
)
TOWN = re.compile(r"(?:\s*[,;(]\s*(?:г|с|п|пос|дер|ст)\.\s*[\w-]+)+$", re.IGNORECASE)
OWN_NAME = re.compile(r"[\d«\"]")  # «ООШ, с. Лесное» has none without its village
PERSON = re.compile(
    r"[А-ЯЁ][а-яё-]+\s+[А-ЯЁ][а-яё]+\s+[А-ЯЁ][а-яё]+(?:вич|ич|вна|чна)|[А-ЯЁ][а-яё-]+\s+[А-ЯЁ]\.\s?[А-ЯЁ]\.?"
)
NUMBERING = re.compile(rf"^\s*(?:\d{{1,3}}[.)]\s*|[-–—•*]\s*|\d{{1,3}}\s+(?={OWNED}\b))")
LETTERS = re.compile(r"[А-Яа-яЁё]")
LONG_FORMS = (
    (
        re.compile(r"средн\w+\s+(?:\(?полн\w+\)?\s+)?(?:обще)?образовательн\w+\s+школ\w+", re.IGNORECASE),
        "СОШ",
    ),
    (re.compile(r"основн\w+\s+общеобразовательн\w+\s+школ\w+", re.IGNORECASE), "ООШ"),
    (re.compile(r"начальн\w+\s+общеобразовательн\w+\s+школ\w+", re.IGNORECASE), "НОШ"),
    (re.compile(r"средн\w+\s+школ\w+", re.IGNORECASE), "СШ"),
)
OWNER = re.compile(
    r"^\s*(?:(?:муниципальн|государственн)\w+\s+[\w\s-]*?учреждени\w+(?:\s+города\s+\w+)?|"
    r"(?:Ф?Г|[ОМ])[АБК]?О?ОУ|[МГ][АБК]?О?У|МОУ)\s*(?=[«\"\s])",
    re.IGNORECASE,
)


def without_number(text: str) -> str:
    """Leave out the numbering before a name."""
    return NUMBERING.sub("", text)


def is_heading(text: str) -> bool:
    """Tell the title, a section or a total of a list, and what has no words at all, from a name."""
    return not LETTERS.search(text) or bool(HEADING.match(text) or SECTION.fullmatch(text.strip()))


def heads_names(cell: str) -> int:
    """Weigh the heading of a column: 2 where it speaks of schools, 1 of names, 0 of anything else."""
    strange = len(cell) > LONGEST_HEADING or any(char.isdigit() or char in '«»"' for char in cell)
    if strange or not LETTERS.search(cell) or ELSE.search(cell) or ACTIVITY.search(cell):
        return 0
    if not NAME.match(cell) and not HEADING_WORDS.fullmatch(cell.strip()):
        return 0
    return 2 if OF_SCHOOLS.search(cell) else int(NAME.match(cell) is not None)


def is_school(text: str) -> bool:
    """Tell the name of a school from titles, people, addresses («ул. Школьная, 5»)."""
    if (
        len(text) > MOST_NAME
        or is_heading(text)
        or ABOUT_SCHOOL.match(text)
        or PERSON.fullmatch(text.strip())
    ):
        return False
    if not SCHOOL.search(text):
        return False
    return not ADDRESS.search(text) or CERTAIN.search(TAIL.sub("", text)) is not None


def is_certain(text: str) -> bool:
    """Tell a name that can be nothing else: «МБОУ …», «Лицей № 2»."""
    return is_school(text) and CERTAIN.search(text) is not None


def tidy(text: str) -> str:
    """Give a name on one line, without its number, the address and the director after it."""
    name = " ".join(without_number(text).split())[: 2 * MOST_NAME]
    cut = TAIL.sub("", name)
    if cut != name and OWN_NAME.search(without_town := TOWN.sub("", cut)):
        cut = without_town
    return (cut if SCHOOL.search(cut) else name)[:MOST_NAME].strip(" ;,")


def short_name(name: str) -> str:
    """Shorten «МБОУ «Средняя общеобразовательная школа № 3»» to «СОШ № 3»."""
    short = OWNER.sub("", name)
    for pattern, letters in LONG_FORMS:
        short = pattern.sub(letters, short)
    short = short.strip()
    if short[:1] in {"«", '"'} and short[-1:] in {"»", '"'} and short.count("«") <= 1:
        short = short[1:-1].strip()
    return re.sub(r"№\s*(\d)", r"№ \1", short)[:MOST_SHORT] or name[:MOST_SHORT]
