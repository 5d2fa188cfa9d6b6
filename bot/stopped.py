"""How the program ends when it cannot go on."""

EX_TEMPFAIL = 75  # another copy is at work
EX_CONFIG = 78  # a setting is wrong

TOO_NEW = "База данных создана более новой версией программы. Обновите программу: старая её испортит."


class Stopped(Exception):
    """The program cannot go on: ``words`` say what to do, ``code`` is the exit code."""

    def __init__(self, words: str, code: int) -> None:
        super().__init__(words)
        self.words = words
        self.code = code
