"""What is said when the machine itself is in trouble."""

from datetime import datetime

from models.trouble import Trouble
from views.screen import Screen
from views.words import count, moment


def patience(trouble: Trouble) -> Screen:
    """Ask somebody to wait whose message cannot be written down yet."""
    if trouble is Trouble.FULL:
        return Screen(
            "⏳ На сервере кончилось место, и бот пока не может записать ваше сообщение. Повторять его "
            "не нужно: как только место появится, бот ответит сам."
        )
    return Screen("⏳ Минуту: база данных занята. Повторять сообщение не нужно, бот ответит сам.")


def away(since: datetime, until: datetime, zone: str) -> Screen:
    """Tell whoever was writing a report that the bot was away for longer than Telegram keeps messages."""
    return Screen(
        f"Бот был недоступен с {moment(since, zone)} до {moment(until, zone)} — дольше, чем Telegram хранит "
        "сообщения. У вас есть неотправленный отчёт: если вы что-то присылали в это время, пришлите, "
        "пожалуйста, ещё раз."
    )


def crash_loop(starts: int, minutes: int) -> Screen:
    """Tell the administrator that the process keeps dying."""
    return Screen(
        f"⚠️ За {count(minutes, 'minute')} бот перезапускался {count(starts, 'time')}. Сообщения не "
        "теряются, но проверьте журнал: скорее всего, дело в обновлении программы или в памяти сервера."
    )


def low_disk(free_mebibytes: int, share: float) -> Screen:
    """Tell the administrator that the disk is almost full."""
    return Screen(
        f"⚠️ На диске бота осталось {free_mebibytes} МиБ ({share:.0%}). Освободите место: когда оно кончится, "
        "бот не сможет записывать сообщения и будет просить людей подождать."
    )


def second_copy() -> Screen:
    """Tell the administrator that two copies work with one token."""
    return Screen(
        "⚠️ С токеном этого бота работает ещё одна копия, и сообщения достаются копиям вперемешку. Эта "
        "копия остановлена. Оставьте одну; если вторую запускали не вы, выпустите новый токен у @BotFather "
        "(/revoke)."
    )


def wrong_clock(shown: datetime) -> Screen:
    """Tell the administrator that the clock of the server is wrong."""
    return Screen(
        f"⚠️ Часы сервера показывают {shown:%d.%m.%Y %H:%M} UTC — это неверно. Бот остановлен и ничего не "
        "отправит, пока часы не исправят."
    )
