"""How the program ends when it cannot go on."""

EX_TEMPFAIL = 75  # another copy is at work
EX_CONFIG = 78  # a setting is wrong

TOO_NEW = "База данных создана более новой версией программы. Обновите программу: старая её испортит."
READ_ONLY = (
    "Папка данных или база доступна только для чтения: бот не может записать ни одного сообщения. "
    "Проверьте права и диск и запустите снова."
)
DAMAGED = (
    "База данных повреждена. Остановите бота, сохраните папку данных и восстановите базу из копии: "
    "python -m bot restore ПАПКА."
)
FULL = "На диске с данными нет места. Освободите его и запустите снова."
AWAY = "База данных не отвечает или занята. Проверьте DATABASE_URL и сервер базы и запустите снова."


class Stopped(Exception):
    """The program cannot go on: ``words`` say what to do, ``code`` is the exit code."""

    def __init__(self, words: str, code: int) -> None:
        super().__init__(words)
        self.words = words
        self.code = code
