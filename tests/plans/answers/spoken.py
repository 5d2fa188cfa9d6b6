"""Numbers in words, as a person says them: the nominative and the genitive, written apart from the reader."""


def _words(*lines: str) -> list[str]:
    return " ".join(lines).split()


NOMINATIVE = (
    _words(
        "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать",
        "четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать",
    ),
    _words("двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто"),
    _words("сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот"),
)
GENITIVE = (
    _words(
        "нуля одного двух трёх четырёх пяти шести семи восьми девяти десяти одиннадцати двенадцати",
        "тринадцати четырнадцати пятнадцати шестнадцати семнадцати восемнадцати девятнадцати",
    ),
    _words("двадцати тридцати сорока пятидесяти шестидесяти семидесяти восьмидесяти девяноста"),
    _words("ста двухсот трёхсот четырёхсот пятисот шестисот семисот восьмисот девятисот"),
)


def spoken(number: int, *, genitive: bool = False) -> str:
    """Say 0..9999 in words."""
    small, tens, hundreds = GENITIVE if genitive else NOMINATIVE
    words: list[str] = []
    thousands, rest = divmod(number, 1000)
    if thousands:
        words += _thousands(thousands, genitive=genitive)
    if rest >= 100:
        words.append(hundreds[rest // 100 - 1])
    rest %= 100
    if rest >= 20:
        words.append(tens[rest // 10 - 2])
        rest %= 10
    if rest or not words:
        words.append(small[rest])
    return " ".join(words)


def _thousands(number: int, *, genitive: bool) -> list[str]:
    if genitive:
        return ["одной", "тысячи"] if number == 1 else [GENITIVE[0][number], "тысяч"]
    if number <= 2:
        return [("одна", "две")[number - 1], ("тысяча", "тысячи")[number - 1]]
    return [NOMINATIVE[0][number], "тысячи" if number <= 4 else "тысяч"]
