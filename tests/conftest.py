"""Fixtures that every part of the suite may use."""

import os
import signal
from pathlib import Path

import pytest

from .scheduling import GroupScheduling

ROOT = Path(__file__).parents[1]

# Before TensorFlow is imported anywhere, in this process and in its children.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if os.environ.get("KERAS_BACKEND") == "jax":
    # Two devices to share batches between, before JAX looks for them.
    os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=2")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with TFDS' MNIST; tests that need it are marked `real_data`."""
    default = ROOT.parent / "shared/data/tfds"
    folder = Path(os.environ.get("TFDS_DATA_DIR", default))
    if not (folder / "mnist").is_dir():
        pytest.skip(f"needs TFDS' mnist in {folder} (TFDS_DATA_DIR)")
    return folder


@pytest.fixture(autouse=True)
def signals():
    """What we start obeys SIGINT and SIGHUP, also where `nohup` or a shell in the
    background makes this process ignore them."""
    handlers = {signal.SIGINT: signal.default_int_handler}
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        handlers[signal.SIGHUP] = lambda number, frame: None  # is not inherited
    previous = {number: signal.signal(number, handlers[number]) for number in handlers}
    yield
    for number, handler in previous.items():
        signal.signal(number, handler)


# Each takes a whole machine: several trainings at once, or most of its memory while the
# other workers have used little yet.
BUSY = {
    "test_applications.py",
    "test_faults.py",
    "test_strategies.py",
    "test_workers.py",
}


def pytest_xdist_make_scheduler(config, log):
    return GroupScheduling(config, log)


# First, because pytest-xdist reads the groups in a hook of the same name.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """With several workers, the tests of a file stay together and share fixtures.

    What takes long comes first, and what may be split last, so that no worker waits
    for another one at the end.
    """
    items.sort(key=lambda item: (item.path.name not in BUSY, is_independent(item)))
    for item in items:
        if item.get_closest_marker("slow") or item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.timeout(0))  # there is none
        if item.path.name in BUSY:
            item.add_marker(pytest.mark.xdist_group("busy"))
        elif not is_independent(item):
            group = item.path.relative_to(ROOT).as_posix()
            item.add_marker(pytest.mark.xdist_group(group))


def is_independent(item):
    return item.get_closest_marker("independent") is not None
