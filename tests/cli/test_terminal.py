"""What a terminal of 80 or 120 columns shows, and what a pipe receives."""

import re

import pytest

from tests.cli.terminal import (
    CAPTURES,
    COMMANDS,
    ESCAPE,
    WIDTHS,
    capture,
    run_in_terminal,
    shown,
)

QUICK = {("list", 80), ("info", 80)}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A folder for each width, where the commands follow each other."""
    return {columns: tmp_path_factory.mktemp(str(columns)) for columns in WIDTHS}


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        pytest.param(
            columns, name, marks=[] if (name, columns) in QUICK else pytest.mark.slow
        )
        for columns in WIDTHS
        for name in COMMANDS
    ],
)
@pytest.mark.xdist_group("terminal")
def test_a_terminal_shows(folders, columns, name):
    lines = capture(name, folders[columns], columns)
    assert max(map(len, lines)) <= columns
    stored = (CAPTURES / f"{name}.{columns}.txt").read_text().splitlines()
    assert lines == stored


@pytest.mark.slow
def test_a_bar_shows_the_loss_and_the_time_that_is_left(tmp_path):
    command = ["train", "mlp", "--dataset", "digits", "--epochs", "2"]
    received = run_in_terminal(command, tmp_path, 80)
    assert re.search(r"\repoch 2/2 +\d+ % \|.*\| \d\d:\d\d left, loss \d", received)


def test_colour_is_left_out_where_it_is_not_wanted(tmp_path):
    command = ["list", "lenet5"]
    coloured = run_in_terminal(command, tmp_path, 80)
    plain = run_in_terminal(command, tmp_path, 80, NO_COLOR="1")
    assert ESCAPE.sub("", coloured) == ESCAPE.sub("", plain)
    assert "\x1b[1;36m" in coloured
    assert "\x1b[1;36m" not in plain


def test_a_pipe_receives_a_line_for_a_row(zoo_command):
    narrow = zoo_command("list", "lenet5", "--wide").stdout
    (row,) = (line for line in narrow.splitlines() if line.startswith("lenet5 "))
    assert row.endswith("saved_model, onnx")
    assert not ESCAPE.search(narrow)


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """What a terminal receives of an evaluation."""
    folder = tmp_path_factory.mktemp("evaluated")
    return run_in_terminal(["evaluate", "mlp.iris"], folder, 80)


@pytest.mark.xdist_group("terminal")
def test_loading_is_announced_and_leaves_no_trace(evaluated):
    assert "loading TensorFlow ..." in evaluated
    lines = shown(evaluated)
    assert lines[0].startswith("test: ")
    assert "loading" not in "\n".join(lines)


@pytest.mark.slow
@pytest.mark.xdist_group("terminal")
def test_no_warning_of_what_draws(evaluated, tmp_path):
    received = run_in_terminal(
        ["evaluate", "mlp.iris"], tmp_path, 80, MPLCONFIGDIR="/dev/null/none"
    )
    assert shown(received) == shown(evaluated)
