"""Proof that the checks can fail: each broken component turns one of them red."""

from dataclasses import replace

import pytest

from .backends import BACKEND
from .mutants import MUTANTS
from .test_components import SUITE, TENSORFLOW_ONLY

pytestmark = pytest.mark.independent


@pytest.mark.parametrize("title", MUTANTS)
def test_a_broken_component_is_noticed(title):
    row, broken, check = MUTANTS[title]
    if (
        BACKEND != "tensorflow"
        and check.__name__.removeprefix("check_") in TENSORFLOW_ONLY
    ):
        pytest.skip("about TensorFlow's graphs")
    with pytest.raises(AssertionError):
        check(replace(row, **broken))


def test_every_check_has_noticed_something():
    proven = {check for _, _, check in MUTANTS.values()}
    for table, module, names in SUITE:
        for name in names if table else ():
            check = getattr(module, f"check_{name}")
            assert check in proven, f"no mutant turns {check.__name__} red"
