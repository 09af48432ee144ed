"""Labels that may be one class in several spellings."""

import re
from collections.abc import Iterable


def near_twins(labels: Iterable[str]) -> list[list[str]]:
    """Groups labels that differ in case, spaces, hyphens or the form of a number only.

    Example:

    >>> near_twins(["yes", "no", "Yes", "1", "1.0"])
    [['1', '1.0'], ['Yes', 'yes']]
    """
    by_form: dict[str | float, list[str]] = {}
    for label in sorted(labels):
        by_form.setdefault(_form(label), []).append(label)
    return [group for group in by_form.values() if len(group) > 1]


def _form(label: str) -> str | float:
    try:
        return float(label)
    except ValueError:
        # `A-` is no `A`, but `sci-fi` is `sci_fi` and `sci fi`.
        return " ".join(re.sub(r"(?<=\w)[-_](?=\w)", " ", label.casefold()).split())
