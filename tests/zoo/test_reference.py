"""Each backend trains the same recipes to the same results."""

import json

import pytest

from tests.zoo import reference


@pytest.mark.slow
@pytest.mark.parametrize("name", reference.NAMES)
def test_a_training_comes_to_the_same_on_each_backend(name, tmp_path):
    expected = json.loads(reference.EXPECTED.read_text())[name]
    # One of the two is compiled, as its users have it.
    jit = "on" if name == "mlp" else "auto"
    metrics = reference.train(name, tmp_path / "run", jit=jit)
    assert metrics.keys() == expected.keys()
    for key, values in expected.items():
        assert metrics[key] == pytest.approx(values, abs=reference.TOLERANCE), key
