"""The page of components and the benchmark name everything that there is."""

import pytest

from .backends import tensorflow_only
from .catalogue import PAGE, entries, formula

ENTRIES = list(entries())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_page_tells_it(entry):
    assert entry.cells() in PAGE.read_text(), "stale: run `make components`"


def test_every_component_has_a_formula():
    assert not [entry.name for entry in ENTRIES if not entry.formula]


def test_the_first_formula_counts():
    def half(x):
        """Half of `x`.

        `half(x) = x / 2`, see `x`

        With `x = 1` nothing changes.
        """

    def update():
        """Steps.

            m <- m + 1
            w <- w - m

        Args: none
        """

    def rotate():
        r"""Turns.

        .. math::

            x' &= x \cos a - y \sin a \\
            y' &= x \sin a
                + y \cos a

        where `a = 1` is an angle.

        Args: none
        """

    assert formula(half) == "`half(x) = x / 2`"
    assert formula(update) == "`m <- m + 1; w <- w - m`"
    assert formula(rotate) == (
        r"$`x' = x \cos a - y \sin a`$<br>$`y' = x \sin a + y \cos a`$"
    )


@tensorflow_only
def test_every_component_with_a_namesake_is_timed():
    from benchmarks.cases import all_cases

    timed = {(case.kind, case.component) for case in all_cases()}
    callbacks_and_penalties = {"callbacks", "regularizers"}
    missing = [
        entry.name
        for entry in ENTRIES
        if entry.namesake
        and entry.kind not in callbacks_and_penalties
        and not {(entry.kind, name) for name in (entry.name, *entry.aliases)} & timed
    ]
    assert not missing, f"no case in benchmarks/cases for {missing}"
