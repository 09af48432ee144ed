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


def test_a_worker_dies(request, tmp_path):
    (tmp_path / "test_some.py").write_text(TESTS)
    tests = str(request.path.parent)
    (tmp_path / "conftest.py").write_text(CONFTEST.format(tests=tests))
    options = ["-q", "-n2", "--dist=loadgroup", "--no-loadscope-reorder"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, tmp_path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "1 failed, 89 passed" in ended.stdout
    assert ended.stdout.count("crashed while running") == 2  # The test and its summary.
