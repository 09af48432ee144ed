"""Dates in words of six languages, and the same dates as ISO 8601 writes them."""

import datetime
from collections.abc import Callable

import numpy as np

from zoo.datasets.dataset import Dataset
from zoo.datasets.named import GENERATED, register_dataset
from zoo.datasets.parallel_text import parallel

SEED = 0
DATES = 12_000
_FIRST, _LAST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)

_MONTHS = {
    "en": "January February March April May June July August September October "
    "November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November "
    "Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre "
    "décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre "
    "noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre "
    "novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober "
    "november december",
}
# d: day, o: ordinal day, m: month, y: year.
_FORMS = {
    "en": ("{d} {m} {y}", "{m} {d}, {y}", "the {o} of {m} {y}", "{m} {o}, {y}"),
    "de": ("{d}. {m} {y}", "den {d}. {m} {y}"),
    "fr": ("{d} {m} {y}", "le {d} {m} {y}"),
    "es": ("{d} de {m} de {y}", "el {d} de {m} de {y}"),
    "it": ("{d} {m} {y}", "il {d} {m} {y}"),
    "nl": ("{d} {m} {y}", "op {d} {m} {y}"),
}


@register_dataset("dates", licence=GENERATED)
def dates() -> Dataset:
    """12,000 distinct dates of 1900 to 2099, in words of six languages, to ISO 8601.

    No date of the validation or the test split is in training, in any language.
    """
    generator = np.random.default_rng(SEED)
    days = generator.choice((_LAST - _FIRST).days + 1, DATES, replace=False)
    found = [_FIRST + datetime.timedelta(int(day)) for day in days]
    return parallel(
        "dates", [(in_words(date, generator.choice), f"{date}") for date in found]
    )


def in_words(date: datetime.date, choose: Callable) -> str:
    """Writes a date in words, in a language and a form that are chosen at random.

    >>> in_words(datetime.date(1969, 7, 20), lambda choices: choices[0])
    '20 July 1969'
    """
    language = str(choose(list(_FORMS)))
    form = str(choose(_FORMS[language]))
    day = date.day
    return form.format(
        d=day,
        o=f"{day}{_ordinal(day)}",
        m=_MONTHS[language].split()[date.month - 1],
        y=date.year,
    )


def _ordinal(day: int) -> str:
    """The ending of an English ordinal number.

    >>> [f"{day}{_ordinal(day)}" for day in (1, 2, 3, 11, 12, 22)]
    ['1st', '2nd', '3rd', '11th', '12th', '22nd']
    """
    if day // 10 == 1:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
