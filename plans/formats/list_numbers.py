"""Numbers of lists in the form they are printed in: «3», «III», «в»."""

ROMAN = (
    *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL")),
    *((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)
LATIN = "abcdefghijklmnopqrstuvwxyz"
RUSSIAN = "абвгдежзиклмнопрстуфхцчшщэюя"
MOST = 4000  # Roman numbers end here


def in_form(value: int, form: str) -> str:
    """Write a number in a form that is named by its one: «1», «I», «i», «A», «a», «А», «а»."""
    if not 0 < value < MOST or form[:1] in {"", "1"}:
        return str(value)
    alphabet = LATIN if form[0] in "Aa" else RUSSIAN
    made = _roman(value) if form[0] in "Ii" else _letters(value, alphabet)
    return made.upper() if form[0].isupper() else made.lower()


def _roman(value: int) -> str:
    parts: list[str] = []
    for number, sign in ROMAN:
        times, value = divmod(value, number)
        parts.append(sign * times)
    return "".join(parts)


def _letters(value: int, alphabet: str) -> str:
    again, place = divmod(value - 1, len(alphabet))
    return alphabet[place] * (again + 1)
