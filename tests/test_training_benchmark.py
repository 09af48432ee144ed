"""The page of training speeds is made from its figures, and its factors divide them."""

import json

import pytest

from benchmarks.training import RESULTS, table


def test_the_page_shows_the_figures():
    expected = table(json.loads(RESULTS.read_text()))
    assert RESULTS.with_suffix(".md").read_text() == expected


@pytest.mark.parametrize(("fit", "factor"), [(50.0, "2.0x"), (200.0, "0.5x")])
def test_a_factor_is_the_ratio_of_the_medians_that_stand_there(fit, factor):
    row = {
        "work": "a model",
        "rounds": 3,
        "epochs": 4,
        "commit": "abc",
        "steps_per_second": {"ours": 100.0, "fit": fit},
        "test_accuracy": {"ours": 0.9, "fit": 0.8},
    }
    results = {"command": "c", "machine": "m", "versions": "v", "rows": [row]}
    last = table(results).splitlines()[-1]
    assert last == (
        f"| a model | 100 (90.0%) | {fit:.0f} ({factor}, 80.0%) "
        "| not timed | not timed | not timed | not timed | 4 | 3 | abc |"
    )
