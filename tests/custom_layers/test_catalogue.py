"""The page of components names everything that there is."""

import itertools
import re

import pytest

from tests.conftest import ROOT

from .backends import tensorflow_only
from .catalogue import GROUPS, PAGE, by_section, entries, formula

ENTRIES = list(entries())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_page_lists_it(entry):
    assert entry.cells() in PAGE.read_text(), "stale: run `make components`"


def test_the_page_is_grouped_and_has_a_table_of_contents():
    head, *sections = PAGE.read_text().split("\n## ")
    headings = [section.partition("\n")[0] for section in sections]
    assert headings == list(by_section())
    assert re.findall(r"\[(.*?)\]\(#.*?\)", head) == headings
    for text, (heading, found) in zip(sections, by_section().items(), strict=True):
        shown = re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE)
        assert len(shown) == len(found) > 0, heading
        for entry in found:
            assert entry.cells() in text


def test_every_group_of_layers_names_what_is_there():
    folder = ROOT / "custom_layers/layers"
    for place in itertools.chain(*GROUPS.values()):
        assert (folder / place).is_dir() or (folder / f"{place}.py").is_file(), place


def test_every_component_has_a_formula():
    assert not [entry.name for entry in ENTRIES if not entry.formula]


@tensorflow_only
def test_every_component_is_timed():
    from benchmarks.cases import all_cases

    timed = {(case.kind, case.component) for case in all_cases()}
    missing = [
        entry.name
        for entry in ENTRIES
        # They compute nothing in a step.
        if entry.kind != "callbacks"
        and not any(
            (entry.kind, name) in timed for name in (entry.name, *entry.aliases)
        )
    ]
    assert missing == []


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
