"""How a broken component is listed."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import rows
from ..checks.common import Difference

MUTANTS = {}


@dataclass(frozen=True)
class Mutant:
    """A row, what breaks it, and `what` differs then by the words of the check."""

    row: Any
    broken: dict
    check: Any
    what: str

    def must_be_noticed(self):
        """By the check that it names, in the place that it names, and unbroken not."""
        self.check(self.row)
        try:
            self.check(replace(self.row, **self.broken))
        except Difference as difference:
            found = difference.what
        else:
            raise AssertionError("the check passes")
        assert found == self.what, f"it breaks {found!r}, not {self.what!r}"


def row_of(component, **options):
    """The first row of a component with these options among its own."""
    for row in rows.ALL:
        own = {} if callable(row.kwargs) else row.kwargs
        if row.component is component and options.items() <= own.items():
            return row
    raise LookupError(f"no row of {component.__name__} with {options}")


def mutant(check, row, what="outputs", field="component"):
    """Registers the decorated class or function as a mutant of a row."""

    def register(broken):
        title = f"{check.__name__}-{row.component.__name__}-{broken.__name__}"
        assert title not in MUTANTS, f"two mutants are called {title}"
        MUTANTS[title] = Mutant(row, {field: broken}, check, what)
        return broken

    return register


def is_concrete(tensor):
    try:
        np.asarray(tensor)
    except Exception:
        return False
    return True
