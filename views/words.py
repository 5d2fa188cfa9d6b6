"""Words that every message shares: counted nouns, dates, quoted text."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from aiogram import html
from babel import Locale
from babel.dates import format_date, format_datetime

from models.assignments import EvidenceKind

RUSSIAN = Locale("ru")

# one, few, many: the plural categories of CLDR for Russian
NOUNS = {
    "row": ("пункт", "пункта", "пунктов"),
    "assignment": ("поручение", "поручения", "поручений"),
    "organisation": ("организация", "организации", "организаций"),
    "to_organisations": ("организации", "организациям", "организациям"),
    "school": ("школа", "школы", "школ"),
    "photo": ("фото", "фото", "фото"),
    "file": ("файл", "файла", "файлов"),
    "video": ("видео", "видео", "видео"),
    "video_note": ("видеосообщение", "видеосообщения", "видеосообщений"),
    "voice": ("голосовое сообщение", "голосовых сообщения", "голосовых сообщений"),
    "audio": ("аудиозапись", "аудиозаписи", "аудиозаписей"),
    "animation": ("анимация", "анимации", "анимаций"),
    "to_row": ("пункту", "пунктам", "пунктам"),
    "day": ("день", "дня", "дней"),
    "left": ("остался", "осталось", "осталось"),
    "gone": ("прошёл", "прошло", "прошло"),
    "change": ("изменение", "изменения", "изменений"),
    "duty": ("поручение", "поручения", "поручений"),
    "remark": ("замечание", "замечания", "замечаний"),
    "date": ("срок", "срока", "сроков"),
    "passed": ("срок прошёл", "срока прошло", "сроков прошло"),
    "executor": ("исполнитель", "исполнителя", "исполнителей"),
    "question": ("вопрос", "вопроса", "вопросов"),
    "to_question": ("вопрос", "вопроса", "вопросов"),
    "report": ("отчёт", "отчёта", "отчётов"),
    "link": ("ссылка", "ссылки", "ссылок"),
    "message": ("сообщение", "сообщения", "сообщений"),
    "minute": ("минуту", "минуты", "минут"),
    "time": ("раз", "раза", "раз"),
    "to_person": ("человеку", "людям", "людям"),
}
PIECES = {
    EvidenceKind.PHOTO: "photo",
    EvidenceKind.VIDEO: "video",
    EvidenceKind.VIDEO_NOTE: "video_note",
    EvidenceKind.VOICE: "voice",
    EvidenceKind.AUDIO: "audio",
    EvidenceKind.ANIMATION: "animation",
    EvidenceKind.DOCUMENT: "file",
}
_FORMS = {"one": 0, "few": 1, "many": 2, "other": 1}


def count(number: int, noun: str) -> str:
    """Say a number with its noun: «5 пунктов»."""
    return f"{number} {form(number, noun)}"


def form(number: int, noun: str) -> str:
    """Say only the noun in the form that goes with a number."""
    return NOUNS[noun][_FORMS[RUSSIAN.plural_form(abs(number))]]


def day(value: date, *, today: date | None = None) -> str:
    """Say a date: «24 ноября», with the year unless it is today's."""
    pattern = "d MMMM" if today is not None and today.year == value.year else "d MMMM y"
    return format_date(value, pattern, locale=RUSSIAN)


def month_name(value: date) -> str:
    """Say a month: «октябрь 2026»."""
    return format_date(value, "LLLL y", locale=RUSSIAN)


def weekday(value: date) -> str:
    """Say a date with its day of the week: «вторник, 24 ноября»."""
    return format_date(value, "EEEE, d MMMM", locale=RUSSIAN)


def moment(value: datetime, zone: str) -> str:
    """Say a moment in a zone: «24 ноября, 14:05»."""
    return format_datetime(value.astimezone(ZoneInfo(zone)), "d MMMM, HH:mm", locale=RUSSIAN)


# Signs that turn the direction of what follows: «exe.txt» would show as «txt.exe».
TURNS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F))


def short(text: str, limit: int = 90) -> str:
    """Cut a text at a word's end, to at most ``limit`` characters."""
    flat = " ".join(text.translate(TURNS).split())
    if len(flat) <= limit:
        return flat
    return flat[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"


def said(text: str, limit: int = 90) -> str:
    """Quote what people or orders wrote, cut to ``limit`` characters, for HTML."""
    return html.quote(short(text, limit))


def whole(text: str, limit: int = 1500) -> str:
    """Quote a text with its lines, cut to ``limit`` characters, for HTML."""
    return html.quote(text if len(text) <= limit else text[: limit - 1] + "…")


def item(number: str | None) -> str:
    """Name a row by its printed number: «п. 3.2»; a row without one is «пункт»."""
    return f"п. {html.quote(number.rstrip('.'))}" if number else "пункт без номера"


def pieces(held: Mapping[EvidenceKind, int], text: str) -> str:
    """Say what a report holds: «6 фото, 1 файл, текст»."""
    parts = [count(held[kind], noun) for kind, noun in PIECES.items() if held.get(kind)]
    if text:
        parts.append("текст")
    return ", ".join(parts) or "пока ничего"
