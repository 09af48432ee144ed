import signal

import keras
import pytest

import zoo

collect_ignore_glob = [] if keras.backend.backend() == "jax" else ["test_jax_*.py"]


@pytest.fixture(scope="session")
def digits():
    return zoo.load_dataset("digits")


@pytest.fixture(scope="session")
def run(tmp_path_factory, digits):
    """A finished training: two epochs of LeNet-5 on digits."""
    output = tmp_path_factory.mktemp("runs") / "lenet5"
    return zoo.train("lenet5", dataset=digits, epochs=2, output=output)


@pytest.fixture
def ctrl_c():
    """SIGINT raises KeyboardInterrupt, also where whoever started us ignores it."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)
