import keras
import pytest

import zoo
from tests.plain_steps import plain_steps  # noqa: F401

collect_ignore_glob = [] if keras.backend.backend() == "jax" else ["test_jax_*.py"]


@pytest.fixture(scope="session")
def digits():
    return zoo.load_dataset("digits")


@pytest.fixture(scope="session")
def run(tmp_path_factory, digits):
    """A finished training: two epochs of LeNet-5 on digits."""
    output = tmp_path_factory.mktemp("runs") / "lenet5"
    return zoo.train("lenet5", dataset=digits, epochs=2, output=output)
