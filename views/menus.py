"""The command menu of each role, as a call."""

from views.screen import Payload

HELP = ("help", "что я умею")
PRIVACY = ("privacy", "мои данные и согласие")
CANCEL = ("cancel", "забыть, о чём бот спросил")
FOR_ALL = (HELP, PRIVACY, CANCEL)
BY_ROLE = {
    "executor": (("plan", "мои пункты по месяцам"), ("today", "что сдать сейчас")),
    "coordinator": (
        ("status", "сводка"),
        ("call", "кому позвонить"),
        ("ask", "разовый запрос"),
        ("asked", "сколько мы спросили"),
        ("invite", "пригласить людей"),
        ("orders", "приказы и планы"),
    ),
    "staff": (("status", "сводка"), ("call", "кому позвонить"), ("asked", "сколько мы спросили")),
    "administrator": (
        ("status", "сводка"),
        ("call", "кому позвонить"),
        ("ask", "разовый запрос"),
        ("asked", "сколько мы спросили"),
        ("invite", "пригласить людей"),
        ("orders", "приказы и планы"),
    ),
}


def commands(chat_id: int, roles: list[str]) -> Payload:
    """Word the menu of a chat as one setMyCommands call; whoever has no role any more has no menu."""
    if not roles:
        return {"method": "deleteMyCommands", "scope": {"type": "chat", "chat_id": chat_id}}
    listed = list(dict.fromkeys(command for role in roles for command in BY_ROLE[role]))
    return {
        "method": "setMyCommands",
        "scope": {"type": "chat", "chat_id": chat_id},
        "commands": [{"command": name, "description": words} for name, words in (*listed, *FOR_ALL)],
    }
