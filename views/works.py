"""What became of a file that could not be read: why, and what to send instead."""

from views.screen import Screen
from views.words import said

WHY = {
    "NotAnOrder": (
        "в файле нет таблицы с мероприятиями и сроками. Пришлите приказ, где план — таблица "
        "с колонками «Мероприятие», «Срок», «Ответственные»."
    ),
    "Unreadable": "файл повреждён или пуст. Откройте его у себя, сохраните заново и пришлите ещё раз.",
    "Protected": "файл закрыт паролем. Снимите пароль и пришлите ещё раз.",
    "Scan": (
        "в файле только снимки страниц, без текста. Пришлите файл Word или PDF с текстом: "
        "тот, с которого приказ распечатали."
    ),
    "WrongFormat": (
        "такой файл бот не читает. Сохраните приказ как docx, xlsx или PDF с текстом (без макросов и "
        "архивов) и пришлите ещё раз."
    ),
    "TooLarge": "файл слишком большой внутри. Оставьте в нём только приказ с планом и пришлите ещё раз.",
    "timeout": "файл читается слишком долго. Оставьте в нём только приказ с планом и пришлите ещё раз.",
    "crash": "файл не удалось открыть. Сохраните его заново как docx и пришлите ещё раз.",
    "too_big": "файл больше 20 МБ, такие Telegram боту не отдаёт. Уменьшите его и пришлите ещё раз.",
    "NotAPicture": (
        "он назван картинкой, но это не картинка. Пришлите обычное фото или документ под своим именем."
    ),
    "TooManyPixels": "картинка слишком велика: больше 40 мегапикселей. Пришлите её как обычное фото.",
    "Broken": "картинка дошла не целиком или испорчена. Пришлите её ещё раз.",
    "gone": "Telegram больше не хранит этот файл. Пришлите его ещё раз.",
    "unreachable": "Telegram не отдаёт файл. Пришлите его ещё раз чуть позже.",
}


def why(kind: str) -> str:
    """Say why a file could not be used and what to send instead; ``kind`` is the name of its error."""
    return WHY.get(kind, WHY["crash"])


def failed(file_name: str, kind: str, kept: int | None = None) -> Screen:
    """Say why a file could not be used and what to send instead; ``kept`` is the number it is kept under."""
    text = f"Не получилось прочитать «{said(file_name, 80)}»: {why(kind)}"
    if kept is not None:
        text += (
            f"\n\nСам файл сохранён под № {kept}: если не получается, назовите этот номер тому, "
            "кто обслуживает бота."
        )
    return Screen(text)


def not_kept(kind: str) -> Screen:
    """Ask for a photo or a file of a report again, in reply to the one that could not be kept."""
    return Screen(
        f"Этот файл из вашего отчёта сохранить не получилось: {why(kind)} Остальное в отчёте на месте."
    )
