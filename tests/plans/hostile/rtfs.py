"""Rich texts (rtf): groups without bottom, lengths that lie, objects, storms of cells and letters."""

from tests.plans.hostile.case import READ, Hostile, hostile

MANY = 1_000_000


def letters(text: str) -> bytes:
    return text.encode("cp1251")


def row(*texts: str) -> bytes:
    sides = b"".join(b"\\cellx%d" % (1000 * place) for place in range(1, len(texts) + 1))
    cells = b"".join(letters(text) + b"\\cell " for text in texts)
    return b"\\trowd" + sides + b"\\pard\\intbl " + cells + b"\\row\n"


PLAN = (
    letters("План на 2023 год\\par\n")
    + row("№", "Мероприятие", "Срок", "Ответственные")
    + row("1", "Семинар", "май 2023", "Школы")
    + b"\\pard\\par\n"
)


def rtf(before: bytes = b"", after: bytes = b"") -> bytes:
    return b"{\\rtf1\\ansi\\ansicpg1251 " + before + PLAN + after + b"}"


CASES: tuple[Hostile, ...] = (
    hostile(
        "a million groups within one another", "п.rtf", lambda: rtf(b"{" * MANY, b"}" * MANY), "TooLarge"
    ),
    hostile(
        "a million skipped groups within one another",
        "п.rtf",
        lambda: rtf(b"{\\*\\x " + b"{" * MANY + b"}" * MANY + b"}"),
        READ,
    ),
    hostile("pictures without end", "п.rtf", lambda: rtf(b"{\\pict ff}" * 500_000), READ, "TooLarge"),
    hostile(
        "bytes that are said to be more than there are",
        "п.rtf",
        lambda: rtf(b"{\\pict\\bin2000000000 x}"),
        "Unreadable",
    ),
    hostile("less than no bytes", "п.rtf", lambda: rtf(b"\\bin-5 " * 1000), READ),
    hostile(
        "an object of 8 MB",
        "п.rtf",
        lambda: rtf(b"{\\object\\objocx\\objupdate{\\*\\objdata " + b"0105000002000000" * 500_000 + b"}}"),
        READ,
    ),
    hostile(
        "a field that runs a program",
        "п.rtf",
        lambda: rtf(b'{\\field{\\*\\fldinst DDEAUTO cmd.exe "/c calc"}{\\fldrslt x}}\\par '),
        READ,
    ),
    hostile(
        "a template of rtf from the network",
        "п.rtf",
        lambda: rtf(b"{\\*\\template http://127.0.0.1:9/a.dotm}"),
        READ,
    ),
    hostile("rtf without an end", "п.rtf", lambda: rtf()[:-1], "Unreadable"),
    hostile(
        "a million sides of cells",
        "п.rtf",
        lambda: rtf(b"\\trowd" + b"\\cellx9" * MANY + b"x\\cell\\row\\pard\\par "),
        READ,
        "TooLarge",
    ),
    hostile(
        "a million cells",
        "п.rtf",
        lambda: rtf(b"\\trowd\\intbl " + b"x\\cell " * MANY + b"\\row\\pard\\par "),
        READ,
        "TooLarge",
    ),
    hostile(
        "a million rows", "п.rtf", lambda: rtf(b"\\trowd\\cellx9\\intbl x\\cell\\row " * MANY), "TooLarge"
    ),
    hostile(
        "letters by number without end",
        "п.rtf",
        lambda: rtf(b"\\u1055?" * MANY + b"\\par "),
        READ,
        "TooLarge",
    ),
    hostile("halves of letters", "п.rtf", lambda: rtf(b"\\u-10240?" * 10_000 + b"\\par "), READ),
    hostile(
        "a milliard stand-ins",
        "п.rtf",
        lambda: rtf(b"{\\uc1000000000\\u1055 " + b"a" * 10_000 + b"}\\par "),
        READ,
    ),
    hostile(
        "fonts without end",
        "п.rtf",
        lambda: rtf(b"{\\fonttbl" + b"{\\f1\\fcharset204 a;}" * 300_000 + b"}"),
        READ,
    ),
    hostile(
        "text boxes without end",
        "п.rtf",
        lambda: rtf(b"{\\shp{\\*\\shpinst{\\shptxt a}}}" * 100_000),
        "TooLarge",
    ),
    hostile("20 MB of rtf", "п.rtf", lambda: rtf(b"a\\par " * 3_000_000), "TooLarge"),
    hostile(
        "noise after the first word",
        "п.rtf",
        lambda: b"{\\rtf1 " + bytes(range(256)) * 20_000,
        "Unreadable",
        "TooLarge",
        "NotAnOrder",
    ),
)
