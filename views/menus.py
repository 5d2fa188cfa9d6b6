"""The command menu of each role, as a call."""

from views.screen import Payload

HELP = ("help", "что я умею")
CANCEL = ("cancel", "забыть, о чём бот спросил")
BY_ROLE = {
    "executor": (("plan", "мои пункты и сроки"),),
    "coordinator": (
        ("status", "сводка"),
        ("invite", "пригласить людей"),
        ("orders", "приказы и планы"),
    ),
    "staff": (("status", "сводка"),),
    "administrator": (
        ("status", "сводка"),
        ("invite", "пригласить людей"),
        ("orders", "приказы и планы"),
    ),
}


def commands(chat_id: int, roles: list[str]) -> Payload:
    """Word the menu of a chat as one setMyCommands call."""
    listed = list(dict.fromkeys(command for role in roles for command in BY_ROLE[role]))
    return {
        "method": "setMyCommands",
        "scope": {"type": "chat", "chat_id": chat_id},
        "commands": [{"command": name, "description": words} for name, words in (*listed, HELP, CANCEL)],
    }
