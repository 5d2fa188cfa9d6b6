"""Russian number words, in every case, from «ноль» to «девять тысяч девятьсот девяносто девять»."""

from collections.abc import Mapping, Sequence

# «Семью» alone is a family more often than an instrumental seven: it counts only after tens and hundreds.
_AMBIGUOUS = frozenset({"семью"})


def _table(*lines: str) -> dict[str, int]:
    """«4 четыре четырех» is both words → 4."""
    found: dict[str, int] = {}
    for line in lines:
        value, *forms = line.split()
        found.update(dict.fromkeys(forms, int(value)))
    return found


ZERO = frozenset("ноль ноля нолю нолем ноле нуль нуля нулю нулем нуле".split())  # noqa: SIM905
ONES: Mapping[str, int] = _table(
    "1 один одна одно одного одной одну одному одним одном",
    "2 два две двух двум двумя двое двоих двоим двоими",
    "3 три трех трем тремя трое троих троим троими",
    "4 четыре четырех четырем четырьмя четверо четверых четверым",
    "5 пять пяти пятью пятеро пятерых пятерым",
    "6 шесть шести шестью шестеро шестерых шестерым",
    "7 семь семи семью семеро семерых семерым",
    "8 восемь восьми восемью восьмью восьмеро",
    "9 девять девяти девятью девятеро",
)
# The second lines are how they are misspelled.
TEENS: Mapping[str, int] = _table(
    "10 десять десяти десятью десятеро",
    "11 одиннадцать одиннадцати одиннадцатью",
    "11 одинадцать одинадцати",
    "12 двенадцать двенадцати двенадцатью",
    "12 двенадцатти двеннадцать",
    "13 тринадцать тринадцати тринадцатью",
    "14 четырнадцать четырнадцати четырнадцатью",
    "14 четырнацать четырнадцеть",
    "15 пятнадцать пятнадцати пятнадцатью",
    "15 пятьнадцать пятнацать",
    "16 шестнадцать шестнадцати шестнадцатью",
    "16 шестьнадцать шестнацать",
    "17 семнадцать семнадцати семнадцатью",
    "17 семьнадцать семнацать",
    "18 восемнадцать восемнадцати восемнадцатью",
    "18 восемьнадцать восемнацать",
    "19 девятнадцать девятнадцати девятнадцатью",
    "19 девятьнадцать девятнацать",
)
TENS: Mapping[str, int] = _table(
    "20 двадцать двадцати двадцатью двацать двацати",
    "30 тридцать тридцати тридцатью трицать",
    "40 сорок сорока",
    "50 пятьдесят пятидесяти пятьюдесятью пятдесят",
    "60 шестьдесят шестидесяти шестьюдесятью шестдесят шесдесят",
    "70 семьдесят семидесяти семьюдесятью семдесят",
    "80 восемьдесят восьмидесяти восемьюдесятью восьмьюдесятью восемдесят",
    "90 девяносто девяноста",
)
HUNDREDS: Mapping[str, int] = _table(
    "100 сто ста",
    "200 двести двухсот двумстам двумястами двухстах",
    "300 триста трехсот тремстам тремястами трехстах",
    "400 четыреста четырехсот четыремстам четырьмястами четырехстах",
    "500 пятьсот пятисот пятистам пятьюстами пятистах",
    "600 шестьсот шестисот шестистам шестьюстами шестистах",
    "700 семьсот семисот семистам семьюстами семистах",
    "800 восемьсот восьмисот восьмистам восемьюстами восьмистах",
    "900 девятьсот девятисот девятистам девятьюстами девятистах",
)
# «Тысячи» alone are many, not one.
ONE_THOUSAND = frozenset({"тысяча", "тысячу", "тысяче", "тысячей", "тысячью"})
THOUSANDS = ONE_THOUSAND | {"тысячи", "тысяч", "тысячам", "тысячами", "тысячах"}
NUMERALS = frozenset({*ZERO, *ONES, *TEENS, *TENS, *HUNDREDS, *ONE_THOUSAND} - _AMBIGUOUS)


def read_numeral(words: Sequence[str]) -> tuple[int, int] | None:
    """Read the number that ``words`` begin with: its value, 0..9999, and how many words it has.

    Words are in lower case, «е» for «ё». Cases need not agree («двадцать четырёх» is 24), the longest
    number is taken. None if the first word does not count.
    """
    if not words:
        return None
    if words[0] in ZERO:
        return 0, 1
    if words[0] in _AMBIGUOUS:
        return None
    thousands, at = _thousands(words)
    below, taken = _below_thousand(words[at:])
    return (thousands + below, at + taken) if at + taken else None


def _thousands(words: Sequence[str]) -> tuple[int, int]:
    """«две тысячи», «тысяча»: value and length, (0, 0) if there are none."""
    if words[0] in ONE_THOUSAND:
        return 1000, 1
    if words[0] in ONES and len(words) > 1 and words[1] in THOUSANDS:
        return ONES[words[0]] * 1000, 2
    return 0, 0


def _below_thousand(words: Sequence[str]) -> tuple[int, int]:
    value, at = 0, 0
    for places in ((HUNDREDS,), (TEENS, TENS), (ONES,)):
        word = words[at] if at < len(words) else ""
        table = next((table for table in places if word in table), None)
        if table is None:
            continue
        value, at = value + table[word], at + 1
        if table is TEENS:
            break
    return value, at
