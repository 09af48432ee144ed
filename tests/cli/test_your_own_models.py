"""The model of docs/your-own-models.md, a user's own."""

import json
import os
import subprocess
import sys

import pytest

from tests.docs.snippets import printed_file

LENGTH = 22  # lines of the example that are not empty, at most


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An empty folder with the file that the page prints."""
    path = tmp_path_factory.mktemp("own")
    code = printed_file("docs/your-own-models.md", "my_models.py")
    assert len([line for line in code.splitlines() if line]) <= LENGTH
    (path / "my_models.py").write_text(code)
    return path


def zoo(folder, *arguments):
    command = [sys.executable, "-m", "zoo", "--import", "my_models.py", *arguments]
    subprocess.run(command, cwd=folder, env=os.environ, check=True, timeout=300)


@pytest.mark.slow
def test_a_run_says_what_it_imported(folder):
    zoo(folder, "train", "ring_mlp", "--epochs", "1", "--output", "runs/rings")
    config = json.loads((folder / "runs/rings/config.json").read_text())
    assert config["imports"] == [str(folder / "my_models.py")]


@pytest.mark.slow
def test_workers_import_it_too(folder):
    launch = ("launch", "--insecure-network", "train", "ring_mlp", "--epochs", "1")
    zoo(folder, *launch, "--output", "runs/launched")
    assert (folder / "runs/launched/metrics.json").exists()
