"""The words that deadlines are written in: one table, every form that orders use, in lower case.

A word stands here once, under the kind that the rules know it by, with a value where it has one.
«ё» is written «е». A line with a stem and endings is short for all of them.
"""

from enum import Enum, auto


class Kind(Enum):
    """What a piece of a phrase is to the rules."""

    # Signs and figures.
    NUMBER = auto()
    YEAR = auto()
    DAY_DATE = auto()
    MONTH_DATE = auto()
    TIME = auto()
    DASH = auto()
    SLASH = auto()
    COMMA = auto()
    BRACKET = auto()
    COLON = auto()
    QUOTE = auto()
    NUMERO = auto()
    WORD = auto()
    STRANGE = auto()
    # Counting.
    ORDINAL = auto()
    TIMES = auto()
    TWICE = auto()
    # Units and parts of them.
    MONTH = auto()
    WEEKDAY = auto()
    WEEKDAYS = auto()
    DAY_UNIT = auto()
    WEEK_UNIT = auto()
    MONTH_UNIT = auto()
    QUARTER = auto()
    TERM = auto()
    TRIMESTER = auto()
    HALF = auto()
    HALF_OF = auto()
    DECADE = auto()
    YEAR_UNIT = auto()
    SCHOOL = auto()
    CALENDAR = auto()
    WORKING = auto()
    HOLIDAYS = auto()
    SEASON = auto()
    BEGINNING = auto()
    MIDDLE = auto()
    END = auto()
    LENGTH = auto()
    DAYS_LONG = auto()
    HOUR = auto()
    MINUTE = auto()
    ZONE = auto()
    # How often.
    OFTEN = auto()
    EVERY = auto()
    LEAST = auto()
    OF_MONTH = auto()
    FOLLOWING = auto()
    REPORTED = auto()
    CURRENT = auto()
    CURRENT_YEAR = auto()
    REGULAR = auto()
    MANNER = auto()
    # From when and until when.
    SINCE = auto()
    UNTIL = auto()
    UP = auto()
    BY = auto()
    IN = auto()
    TOWARDS = auto()
    ON = auto()
    BEFORE_BY = auto()
    AND = auto()
    OR = auto()
    NOT = auto()
    LATER = auto()
    THAN = auto()
    INCLUSIVE = auto()
    DURING = auto()
    WHOLE = auto()
    SPELL = auto()
    CARRYING_OUT = auto()
    STARTING = auto()
    ONWARDS = auto()
    CONSTANTLY = auto()
    # Counted from an event.
    AFTER = auto()
    AT_ONCE = auto()
    EVE = auto()
    PASSING = auto()
    MOMENT = auto()
    OUTCOME = auto()
    COMPLETION = auto()
    # No date of its own.
    PLAN = auto()
    NEED = auto()
    WHEN = auto()
    CASE = auto()
    MEASURE = auto()
    ACCORDING = auto()
    ACCORDANCE = auto()
    SETTLED = auto()
    UNSETTLED = auto()
    # Harmless, and the opposite.
    CLASSES = auto()
    ROUGHLY = auto()
    HAZARD = auto()


# Kinds that mean nothing without a neighbour: such words may stand in the name of a place or an event.
GLUE = frozenset({Kind.BY, Kind.IN, Kind.ON, Kind.AND, Kind.SINCE, Kind.TOWARDS, Kind.WHOLE, Kind.PLAN})

_HARD = "ый ая ое ой ую ого ому ым ом ые ых"
_SOFT = "ий яя ее ей юю его ему им ем ие их"
_NOUN = " а у е ом ы ов ам ах"  # the first form is the bare stem
_NEUTER = "ие ия ию ии ием ий иям иях"

# kind, value, the forms; «stem|endings» stands for the stem with each of the endings.
_TABLE: tuple[tuple[Kind, int | str, str], ...] = (
    (Kind.MONTH, 1, "январь января январю январе январем янв"),
    (Kind.MONTH, 2, "февраль февраля февралю феврале февралем фев февр"),
    (Kind.MONTH, 3, "март марта марту марте мартом мар"),
    (Kind.MONTH, 4, "апрель апреля апрелю апреле апрелем апр"),
    (Kind.MONTH, 5, "май мая маю мае маем"),
    (Kind.MONTH, 6, "июнь июня июню июне июнем июн"),
    (Kind.MONTH, 7, "июль июля июлю июле июлем июл"),
    (Kind.MONTH, 8, "август августа августу августе августом авг"),
    (Kind.MONTH, 9, "сентябрь сентября сентябрю сентябре сентябрем сент сен"),
    (Kind.MONTH, 10, "октябрь октября октябрю октябре октябрем окт"),
    (Kind.MONTH, 11, "ноябрь ноября ноябрю ноябре ноябрем нояб ноя"),
    (Kind.MONTH, 12, "декабрь декабря декабрю декабре декабрем дек"),
    (Kind.WEEKDAY, 0, "пн понедельник понедельника понедельнику понедельником понедельнике"),
    (Kind.WEEKDAY, 1, "вт вторник вторника вторнику вторником вторнике"),
    (Kind.WEEKDAY, 2, "ср среда среды среде среду средой"),
    (Kind.WEEKDAY, 3, "чт четверг четверга четвергу четвергом четверге"),
    (Kind.WEEKDAY, 4, "пт пятница пятницы пятнице пятницу пятницей"),
    (Kind.WEEKDAY, 5, "сб суббота субботы субботе субботу субботой"),
    (Kind.WEEKDAY, 6, "вс воскресенье воскресенья воскресенью воскресеньем"),
    (Kind.WEEKDAYS, 0, "понедельникам"),
    (Kind.WEEKDAYS, 1, "вторникам"),
    (Kind.WEEKDAYS, 2, "средам"),
    (Kind.WEEKDAYS, 3, "четвергам"),
    (Kind.WEEKDAYS, 4, "пятницам"),
    (Kind.WEEKDAYS, 5, "субботам"),
    (Kind.WEEKDAYS, 6, "воскресеньям"),
    # «П» and «Ш» are how typewriters wrote II and III.
    (Kind.ORDINAL, 1, "i перв|" + _HARD),
    (Kind.ORDINAL, 2, "ii п втор|" + _HARD),
    (Kind.ORDINAL, 3, "iii ш трет|ий ья ье ьей ью ьего ьему ьим ьем ьи ьих"),
    (Kind.ORDINAL, 4, "iv четверт|" + _HARD),
    (Kind.ORDINAL, 5, "пят|" + _HARD),
    (Kind.ORDINAL, 6, "шест|" + _HARD),
    (Kind.ORDINAL, 7, "седьм|" + _HARD),
    (Kind.ORDINAL, 8, "восьм|" + _HARD),
    (Kind.ORDINAL, 9, "девят|" + _HARD),
    (Kind.ORDINAL, 10, "десят|" + _HARD),
    (Kind.ORDINAL, 11, "одиннадцат|" + _HARD),
    (Kind.ORDINAL, 12, "двенадцат|" + _HARD),
    (Kind.ORDINAL, 13, "тринадцат|" + _HARD),
    (Kind.ORDINAL, 14, "четырнадцат|" + _HARD),
    (Kind.ORDINAL, 15, "пятнадцат|" + _HARD),
    (Kind.ORDINAL, 16, "шестнадцат|" + _HARD),
    (Kind.ORDINAL, 17, "семнадцат|" + _HARD),
    (Kind.ORDINAL, 18, "восемнадцат|" + _HARD),
    (Kind.ORDINAL, 19, "девятнадцат|" + _HARD),
    (Kind.ORDINAL, 20, "двадцат|" + _HARD),
    (Kind.ORDINAL, 30, "тридцат|" + _HARD),
    (Kind.ORDINAL, -1, "последн|" + _SOFT),
    (Kind.NUMBER, 1, "один одна одно одного одной одну одному"),
    (Kind.NUMBER, 2, "два две двух двум"),
    (Kind.NUMBER, 3, "три трех трем"),
    (Kind.NUMBER, 4, "четыре четырех четырем"),
    (Kind.NUMBER, 5, "пять пяти"),
    (Kind.NUMBER, 6, "шесть шести"),
    (Kind.NUMBER, 7, "семь семи"),
    (Kind.NUMBER, 8, "восемь восьми"),
    (Kind.NUMBER, 9, "девять девяти"),
    (Kind.NUMBER, 10, "десять десяти"),
    (Kind.NUMBER, 11, "одиннадцать одиннадцати"),
    (Kind.NUMBER, 12, "двенадцать двенадцати"),
    (Kind.NUMBER, 13, "тринадцать тринадцати"),
    (Kind.NUMBER, 14, "четырнадцать четырнадцати"),
    (Kind.NUMBER, 15, "пятнадцать пятнадцати"),
    (Kind.NUMBER, 16, "шестнадцать шестнадцати"),
    (Kind.NUMBER, 17, "семнадцать семнадцати"),
    (Kind.NUMBER, 18, "восемнадцать восемнадцати"),
    (Kind.NUMBER, 19, "девятнадцать девятнадцати"),
    (Kind.NUMBER, 20, "двадцать двадцати"),
    (Kind.NUMBER, 30, "тридцать тридцати"),
    (Kind.TIMES, 1, "р раз раза разу"),
    (Kind.TWICE, 2, "дважды"),
    (Kind.TWICE, 3, "трижды"),
    (Kind.DAY_UNIT, 1, "день дня дню днем дне дни дней дням днях сутки суток"),
    (Kind.WEEK_UNIT, 1, "неделя недели неделе неделю неделей недель нед"),
    (Kind.MONTH_UNIT, 1, "мес м-ц месяц месяца месяцу месяцем месяце месяцы месяцев"),
    (Kind.QUARTER, 1, "кв кв-л квартал|" + _NOUN),
    (Kind.TERM, 1, "четв четверть четверти четвертью четвертей четвертях четвертям"),
    (Kind.TRIMESTER, 1, "триместр|" + _NOUN),
    (Kind.HALF, 1, "полгода п/г полуг полугод|" + _NEUTER),
    (Kind.HALF_OF, 1, "половина половины половине половину половиной"),
    (Kind.DECADE, 1, "декада декады декаде декаду декадой декад"),
    (Kind.YEAR_UNIT, 1, "г гг г.г год года году годом годе годы годов годах"),
    (Kind.SCHOOL, 1, "уч учебн|" + _HARD),
    (Kind.CALENDAR, 1, "календарн|" + _HARD),
    (Kind.WORKING, 1, "рабоч|ий ая ее ей ую его ему им ем ие их"),
    (Kind.HOLIDAYS, 1, "каникулы каникул каникулам каникулах каникулярн|" + _HARD),
    (Kind.SEASON, 1, "осенн|" + _SOFT),
    (Kind.SEASON, 2, "зимн|" + _SOFT),
    (Kind.SEASON, 3, "весенн|" + _SOFT),
    (Kind.SEASON, 4, "летн|" + _SOFT),
    (Kind.BEGINNING, 1, "начало начала началу начале"),
    (Kind.MIDDLE, 1, "середина середины середине середину"),
    (Kind.END, 1, "конец конца концу конце окончания окончанию завершения завершению"),
    (Kind.DAYS_LONG, 1, "дневн|" + _HARD),
    (Kind.LENGTH, "P1D", "однодневн|" + _HARD),
    (Kind.LENGTH, "P2D", "двухдневн|" + _HARD),
    (Kind.LENGTH, "P3D", "трехдневн|" + _HARD),
    (Kind.LENGTH, "P5D", "пятидневн|" + _HARD),
    (Kind.LENGTH, "P7D", "недельн|" + _HARD),
    (Kind.LENGTH, "P7D", "семидневн|" + _HARD),
    (Kind.LENGTH, "P10D", "десятидневн|" + _HARD),
    (Kind.LENGTH, "P14D", "двухнедельн|" + _HARD),
    (Kind.LENGTH, "P1M", "месячн|" + _HARD),
    (Kind.LENGTH, "P2M", "двухмесячн|" + _HARD),
    (Kind.LENGTH, "P3M", "трехмесячн|" + _HARD),
    (Kind.HOUR, 1, "ч час часа часу часов часам"),
    (Kind.MINUTE, 1, "мин минут минуты"),
    (Kind.ZONE, 1, "мск московскому местному"),
    (Kind.OFTEN, "day", "ежедневно"),
    (Kind.OFTEN, "week", "еженедельно"),
    (Kind.OFTEN, "month", "ежемесячно помесячно"),
    (Kind.OFTEN, "quarter", "ежеквартально поквартально"),
    (Kind.OFTEN, "year", "ежегодно"),
    (Kind.REGULAR, "day", "ежедневн|" + _HARD),
    (Kind.REGULAR, "week", "еженедельн|" + _HARD),
    (Kind.REGULAR, "month", "ежемесячн|" + _HARD),
    (Kind.REGULAR, "quarter", "ежеквартальн|" + _HARD),
    (Kind.REGULAR, "year", "ежегодн|" + _HARD),
    (Kind.REGULAR, "plan", "постоянн|" + _HARD),
    (Kind.REGULAR, "plan", "непрерывн|" + _HARD),
    (Kind.REGULAR, "plan", "регулярн|" + _HARD),
    (Kind.REGULAR, "plan", "систематическ|ий ая ое ой ую ого ому им ом ие их"),
    (Kind.MANNER, 1, "основе режиме порядке"),
    (Kind.EVERY, 1, "кажд|" + _HARD),
    (Kind.LEAST, 1, "менее реже"),
    (Kind.OF_MONTH, 1, "число числа числу числом"),
    (Kind.FOLLOWING, 1, "следующий следующего следующим"),
    (Kind.REPORTED, 1, "отчетным отчетного"),
    (Kind.CURRENT, 1, "текущ|ий его ему ем ую ей"),
    (Kind.CURRENT, 1, "нынешн|" + _SOFT),
    (Kind.CURRENT_YEAR, 1, "т.г с.г"),
    (Kind.SINCE, 1, "с со"),
    (Kind.UNTIL, 1, "до"),
    (Kind.UP, 1, "вплоть"),
    (Kind.BY, 1, "по"),
    (Kind.IN, 1, "в во"),
    (Kind.TOWARDS, 1, "к ко"),
    (Kind.ON, 1, "на"),
    (Kind.BEFORE_BY, 1, "за"),
    (Kind.AND, 1, "и"),
    (Kind.OR, 1, "или либо"),
    (Kind.NOT, 1, "не"),
    (Kind.LATER, 1, "позднее позже"),
    (Kind.THAN, 1, "чем"),
    (Kind.INCLUSIVE, 1, "включительно"),
    (Kind.DURING, 1, "течение течении теч протяжении"),
    (Kind.WHOLE, 1, "весь всего всем всей всю кругл|" + _HARD),
    (Kind.SPELL, 1, "срок срока сроке сроком периоду период периода периоде периодом сроки время времени"),
    (Kind.CARRYING_OUT, 1, "реализации действия выполнения исполнения"),
    (Kind.STARTING, 1, "начиная"),
    (Kind.ONWARDS, 1, "далее затем"),
    (Kind.CONSTANTLY, 1, "постоянно систематически регулярно непрерывно круглогодично"),
    (Kind.AFTER, 1, "после"),
    (Kind.AT_ONCE, 1, "сразу непосредственно незамедлительно"),
    (Kind.EVE, 1, "накануне"),
    (Kind.PASSING, 1, "через спустя"),
    (Kind.MOMENT, "", "момента"),
    (Kind.MOMENT, "дата", "дата даты дате"),
    (Kind.OUTCOME, 1, "итогам результатам"),
    (Kind.COMPLETION, "завершение", "завершении"),
    (Kind.COMPLETION, "окончание", "окончании"),
    (Kind.PLAN, 1, "план|" + _NOUN),
    (Kind.PLAN, 1, "график|" + _NOUN),
    (Kind.PLAN, 1, "расписание расписания расписанию расписанием плану-графику планом-графиком"),
    (Kind.PLAN, 1, "приказу приказом распоряжению письму положению положением указанию ситуации факту"),
    (Kind.PLAN, 1, "требованию требованиям запросу запросам заявке заявкам обращению обращениям"),
    (Kind.PLAN, 1, "согласованию срокам сроками календарю циклограмме циклограммой карте картой"),
    (Kind.NEED, 1, "необходимости потребности"),
    (Kind.WHEN, 1, "при"),
    (Kind.CASE, 1, "случае"),
    (Kind.MEASURE, 1, "мере"),
    (Kind.ACCORDING, 1, "согласно"),
    (Kind.ACCORDANCE, 1, "соответствии"),
    (Kind.SETTLED, 1, "установлен|ные ный ным ными а о ы"),
    (Kind.SETTLED, 1, "установлен определен указан"),
    (Kind.SETTLED, 1, "определен|ные ный ным ными а о ы"),
    (Kind.SETTLED, 1, "указан|ные ный ным ными а о ы"),
    (Kind.SETTLED, 1, "утвержден|ные ный ными"),
    (Kind.UNSETTLED, 1, "уточняется уточняются"),
    (Kind.CLASSES, 1, "кл класс класса классы классов классах классе"),
    (Kind.HAZARD, 1, "кроме если исключая исключением без перед ранее раньше около"),
    (Kind.HAZARD, 1, "перенос переноса перенесен перенесено отмена отменен отменено отменена повторно"),
    (Kind.HAZARD, 1, "прошлого предыдущего этого"),
    (Kind.HAZARD, 1, "летом осенью зимой весной лето осень зима весна"),
    (Kind.ROUGHLY, 1, "ориентировочно примерно предварительно предположительно"),
)


def _forms(line: str) -> list[str]:
    """Return the forms of a line: «a b stem|x y» is a, b, stemx, stemy."""
    words, bar, endings = line.partition("|")
    if not bar:
        return words.split()
    *whole, stem = words.split()
    bare = [stem] if endings.startswith(" ") else []
    return whole + bare + [stem + ending for ending in endings.split()]


WORDS: dict[str, tuple[Kind, int | str]] = {
    form: (kind, value) for kind, value, line in reversed(_TABLE) for form in _forms(line)
}

# After these a full stop does not end a sentence.
_UNITS = "г гг г.г т.г с.г п/г полуг уч кв теч кл нед мес четв р ч час мин пн вт ср чт пт сб вс"
_MONTHS = "янв фев февр мар апр июн июл авг сен сент окт ноя нояб дек"
SHORTENED = frozenset([*_UNITS.split(), *_MONTHS.split()])

# Forms of «день» that mean one of them.
ONE_DAY = frozenset({"день", "дня", "дню"})

# What is glued to a figure to make it an ordinal: «25-го», «1-й», «5-ти».
ORDINAL_SUFFIXES = frozenset("го й я е ое ый ой ая ую ю му ти х ми м".split())  # noqa: SIM905
