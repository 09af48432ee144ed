"""The page of components names everything that there is."""

import pytest

from .catalogue import PAGE, entries, formula

ENTRIES = list(entries())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_it_is_on_the_page(entry):
    assert entry.cells() in PAGE.read_text(), (
        "docs/components.md is out of date; run "
        "`python -m tests.custom_layers.catalogue`."
    )


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
