"""docs/your-own-models.md works as it is printed."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs/your-own-models.md"
LENGTH = 22  # lines of the example that are not empty, at most


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An empty folder with the file that the page prints."""
    path = tmp_path_factory.mktemp("own")
    (code,) = blocks("python")
    assert len([line for line in code.splitlines() if line]) <= LENGTH
    (path / "my_models.py").write_text(code)
    return path


def start(line, folder, **options):
    """Starts a line of the page; `zoo` is the command of this environment."""
    words = shlex.split(line)
    assert words.pop(0) == "zoo"
    return subprocess.Popen(
        [sys.executable, "-m", "zoo", *words],
        cwd=folder,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )


def run(line, folder):
    process = start(line, folder)
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0, line
    return out


@pytest.mark.slow
def test_the_page_from_the_first_line_to_the_last(folder):
    terminal, other = (block.splitlines() for block in blocks("shell"))
    *lines, serve = terminal
    printed = [run(line, folder) for line in lines]
    assert "ring_mlp" in printed[0]
    accuracy = float(re.search(r"accuracy ([\d.]+)", printed[2])[1])
    assert accuracy > 0.9
    config = json.loads((folder / "runs/rings/config.json").read_text())
    assert config["imports"] == [str(folder / "my_models.py")]

    # Another port than the page's: other tests may serve at the same time.
    process = start(serve.replace("8501", "0"), folder)
    try:
        url = process.stdout.readline().split(" at ")[-1].partition("/v1")[0]
        echo, predict = other
        subprocess.run(echo, shell=True, cwd=folder, check=True)
        answer = run(predict.replace("http://127.0.0.1:8501", url), folder)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
    assert [row.split()[0] for row in answer.splitlines()] == ["class_id", "0", "1"]


@pytest.mark.slow
def test_workers_import_it_too(folder):
    line = "zoo --import my_models.py launch --workers 2 -- train ring_mlp --epochs 1"
    process = start(f"{line} --output runs/launched", folder)
    process.communicate(timeout=300)
    assert process.returncode == 0
    assert (folder / "runs/launched/metrics.json").exists()
