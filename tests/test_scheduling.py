"""A worker that dies takes one test with it, and the run ends."""

import subprocess
import sys

TESTS = """
import os

import pytest

@pytest.mark.parametrize("test", range(3))
@pytest.mark.parametrize("group", range(20))
def test_done(group, test):
    pass

@pytest.mark.parametrize("test", range(30))
def test_dies(test):
    if test == 7:
        os._exit(3)
"""

CONFTEST = """
import sys

import pytest

sys.path.insert(0, {tests!r})

from scheduling import GroupScheduling

def pytest_xdist_make_scheduler(config, log):
    return GroupScheduling(config, log)

@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        group = item.callspec.params.get("group", "dies")
        item.add_marker(pytest.mark.xdist_group(str(group)))
"""


ALONE = """
import os
import time

import pytest

@pytest.mark.parametrize("group", range(60))
def test_alone(group, worker_id):
    if group == 7:
        os._exit(3)
    open(worker_id, "a").close()
    for _ in range(300):
        if group < 20 or os.path.exists("gw2"):
            return
        time.sleep(0.1)
    pytest.fail("the third worker has no test")
"""


def test_a_worker_dies(request, tmp_path):
    ended = run(TESTS, request, tmp_path)
    assert "1 failed, 89 passed" in ended.stdout
    assert ended.stdout.count("crashed while running") == 2  # The test and its summary.


def test_the_worker_in_its_place_works(request, tmp_path):
    ended = run(ALONE, request, tmp_path)
    assert "1 failed, 59 passed" in ended.stdout


def run(code, request, folder):
    """Runs tests with two workers."""
    (folder / "test_some.py").write_text(code)
    tests = str(request.path.parent)
    (folder / "conftest.py").write_text(CONFTEST.format(tests=tests))
    options = ["-q", "-n2", "--dist=loadgroup", "--no-loadscope-reorder"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, folder],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
