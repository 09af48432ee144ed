"""Proof that the checks can fail: each broken component turns one of them red."""

from dataclasses import replace

import pytest

import custom_layers as cl

from .backends import BACKEND
from .checks import layers
from .checks.common import Difference
from .mutants import MUTANTS
from .mutants.listing import Mutant, row_of
from .test_components import LEFT_OUT, SUITE, differs

pytestmark = pytest.mark.independent


def _titles():
    """All mutants; those of a check that has turned red once before are slow."""
    seen = set()
    for title, mutant in MUTANTS.items():
        marks = [pytest.mark.slow] if mutant.check in seen else []
        seen.add(mutant.check)
        yield pytest.param(title, marks=marks)


@pytest.mark.parametrize("title", list(_titles()))
def test_a_broken_component_is_noticed(title):
    mutant = MUTANTS[title]
    name = mutant.check.__name__.removeprefix("check_")
    if name in LEFT_OUT:
        pytest.skip("about graphs or compiled forms, which this backend lacks")
    if BACKEND in differs(mutant.row, name):
        pytest.skip("the namesake fails on this backend")
    mutant.must_be_noticed()


def test_every_check_has_noticed_something():
    proven = {mutant.check for mutant in MUTANTS.values()}
    for table, module, names in SUITE:
        for name in names if table else ():
            check = getattr(module, f"check_{name}")
            assert check in proven, f"no mutant turns {check.__name__} red"


DENSE = row_of(cl.Dense, activation="relu")


class Negated(cl.Dense):
    def call(self, inputs, training=None):
        return -super().call(inputs)


class Refuses(cl.Dense):
    def call(self, inputs, training=None):
        raise AssertionError("not these inputs")


def test_a_mutant_that_breaks_nothing_proves_nothing():
    mutant = Mutant(DENSE, {"component": cl.Dense}, layers.check_oracle, "outputs")
    with pytest.raises(AssertionError, match="the check passes"):
        mutant.must_be_noticed()


def test_a_mutant_must_break_what_it_names():
    mutant = Mutant(DENSE, {"component": Negated}, layers.check_namesake, "losses")
    with pytest.raises(AssertionError, match="it breaks 'outputs', not 'losses'"):
        mutant.must_be_noticed()


def test_a_mutant_of_a_row_that_fails_anyway_proves_nothing():
    row = replace(DENSE, oracle=lambda x, kernel, bias: x @ kernel)
    mutant = Mutant(row, {"component": Negated}, layers.check_oracle, "outputs")
    with pytest.raises(Difference):
        mutant.must_be_noticed()


def test_a_mutant_that_raises_is_not_noticed_by_the_check():
    mutant = Mutant(DENSE, {"component": Refuses}, layers.check_oracle, "outputs")
    with pytest.raises(AssertionError, match="not these inputs"):
        mutant.must_be_noticed()
