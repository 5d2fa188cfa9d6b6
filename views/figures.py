"""Figures in words: «Сколько из скольких?», what cannot be, and how it stands to the target."""

from decimal import Decimal

from babel.numbers import format_decimal

from plans.answers.figures import FigureTrouble
from plans.plan import Comparison, Target
from services.figures import FigureView, Sum
from views.words import RUSSIAN, said

LIMITS = {Comparison.AT_LEAST: "не менее", Comparison.AT_MOST: "не более", Comparison.EXACTLY: "ровно"}
TROUBLES = {
    FigureTrouble.NOT_WHOLE: "Нужны целые числа",
    FigureTrouble.NEGATIVE: "Число не может быть отрицательным",
    FigureTrouble.ZERO_BASE: "Всего не может быть ноль",
    FigureTrouble.MORE_THAN_ALL: "Часть не может быть больше целого",
    FigureTrouble.OVER_HUNDRED: "Больше 100 % не бывает",
}


def number(value: Decimal | float) -> str:
    """Say a number with one decimal at most: «62,5»."""
    return format_decimal(round(Decimal(str(value)), 1), locale=RUSSIAN)


def target(found: Target) -> str:
    """Say a target: «не менее 60 % педагогов»."""
    of = f" {said(found.of, 60)}" if found.of else ""
    return f"{LIMITS[found.op]} {number(found.value)} %{of}"


def asked(found: FigureView) -> str:
    """Ask for the figure that is missing, or say kindly what is wrong with the one that came."""
    if found.trouble is not None:
        return (
            f"📊 {TROUBLES[found.trouble]}{_as_said(found)}. Проверьте, пожалуйста, и напишите ещё раз, "
            "например: 15 из 24."
        )
    if found.waits_for_base:
        return f"📊 {number(found.percent or 0)} % — от скольких? Напишите общее число, например: 24."
    if found.known:
        return f"📊 {figure(found)}."
    return (
        f"📊 Сколько из скольких? Цель: {target(found.target)}. Напишите, например: 15 из 24. "
        "Если цифр пока нет, отправляйте без них."
    )


def _as_said(found: FigureView) -> str:
    told = found.said
    if told is None or told.numerator is None or told.denominator is None:
        return ""
    return f", а получилось {told.numerator} из {told.denominator}"


def figure(found: FigureView) -> str:
    """Say a figure beside its target: «15 из 24 — это 62,5 %; цель: не менее 60 % — достигнута»."""
    assert found.numerator is not None  # a known figure has both
    assert found.denominator is not None
    share = Decimal(100) * found.numerator / found.denominator
    about = "примерно " if not found.exact else ""
    told = f" (из {number(found.percent)} %)" if not found.exact and found.percent is not None else ""
    reached = "достигнута" if _reached(found.target, share) else "пока не достигнута"
    return (
        f"{about}{found.numerator} из {found.denominator}{told} — это {number(share)} %; "
        f"цель: {target(found.target)} — {reached}"
    )


def _reached(found: Target, share: Decimal) -> bool:
    wanted = Decimal(str(found.value))
    if found.op is Comparison.AT_LEAST:
        return share >= wanted
    return share <= wanted if found.op is Comparison.AT_MOST else share == wanted


def total(found: Sum) -> str:
    """Say what all reports say together: «45 из 70 — 64,3 %»."""
    return f"{found.numerator} из {found.denominator} — {number(found.percent)} %"
