"""The page of components names everything that there is."""

import pytest

from .catalogue import PAGE, entries, formula

ENTRIES = list(entries())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_page_lists_it(entry):
    assert entry.cells() in PAGE.read_text(), "stale: run `make components`"


def test_every_component_has_a_formula():
    assert not [entry.name for entry in ENTRIES if not entry.formula]


def test_the_first_formula_counts():
    def plain():
        """Returns `x = 1`."""

    def half():
        r"""Half.

        .. math::

            y = \begin{cases}
                x / 2 & x > 0 \\
                x & x = 0
            \end{cases}

        and nothing else

        .. math::

            y = 1
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

    assert formula(plain) == ""
    assert formula(half) == (
        r"$`y = \begin{cases} x / 2 & x > 0 \\ x & x = 0 \end{cases}`$"
    )
    assert formula(rotate) == (
        r"$`x' = x \cos a - y \sin a`$<br>$`y' = x \sin a + y \cos a`$"
    )
