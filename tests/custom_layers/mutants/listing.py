"""How a broken component is listed."""

import numpy as np

from .. import rows

MUTANTS = {}


def row_of(component, **options):
    """The first row of a component with these options among its own."""
    for row in rows.ALL:
        if row.component is component and options.items() <= row.kwargs.items():
            return row
    raise LookupError(f"no row of {component.__name__} with {options}")


def mutant(check, row, field="component"):
    """Registers the decorated class or function as a mutant of a row."""

    def register(broken):
        title = f"{check.__name__}-{row.component.__name__}-{broken.__name__}"
        assert title not in MUTANTS, f"two mutants are called {title}"
        MUTANTS[title] = (row, {field: broken}, check)
        return broken

    return register


def is_concrete(tensor):
    try:
        np.asarray(tensor)
    except Exception:
        return False
    return True
