"""Whatever a disk, an editor or another version puts into a run folder.

Each command either works, or ends with one line that names the file.
"""

import errno
import json
import os
import shutil

import numpy as np
import pytest

from zoo.cli.main import run as command
from zoo.training.checkpoint import Checkpoints

TRAIN = ("--dataset", "iris", "--epochs", "1", "--jit", "off")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A finished run."""
    output = tmp_path_factory.mktemp("runs") / "whole"
    code = command(["train", "mlp", *TRAIN, "--output", str(output)])
    assert code == 0
    return output


@pytest.fixture
def damaged(whole, tmp_path):
    """Damages a copy of the run: a file by its name, in a way."""

    def damaged(name, damage):
        run = tmp_path / "run"
        shutil.copytree(whole, run)
        path = newest(run) if name == "checkpoint" else run / name
        damage(path)
        return run

    return damaged


def newest(run):
    return sorted((run / "checkpoints").iterdir())[-1]


def gone(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def folder(path):
    gone(path)
    path.mkdir()


def filled_folder(path):
    folder(path)
    (path / "x").write_text("x")


def file(path):
    gone(path)
    path.write_text("x")


def empty(path):
    path.write_bytes(b"")


def truncated(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def binary(path):
    path.write_bytes(bytes(range(256)) * 4)


def text(path):
    path.write_text("something else\n")


def loop(path):
    gone(path)
    path.symlink_to(path.name)


def dangling(path):
    gone(path)
    path.symlink_to("nowhere")


def changed(**changes):
    def change(path):
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    change.__name__ = f"changed-{'-'.join(changes)}"
    return change


def without(name):
    def change(path):
        content = json.loads(path.read_text())
        del content[name]
        path.write_text(json.dumps(content))

    change.__name__ = f"without-{name}"
    return change


def content(held):
    def change(path):
        path.write_text(held)

    change.__name__ = "content-" + "".join(c for c in held if c.isalnum())[:12]
    return change


def fewer_lines(path):
    path.write_text(path.read_text().splitlines()[0] + "\n")


def more_lines(path):
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, lines[-1], lines[-1]]) + "\n")


def shorter_line(path):
    path.write_text(path.read_text().strip() + "\n2,0.5\n")


def no_numbers(path):
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], ",".join("a" for _ in lines[0].split(","))]))


def later_version(path):
    """A checkpoint with an entry of its progress that this version does not know."""
    with np.load(path) as held:
        arrays = dict(held)
    progress = json.loads(arrays["progress"].tobytes()) | {"invented": 1}
    arrays["progress"] = np.frombuffer(json.dumps(progress).encode(), np.uint8)
    np.savez(path, **arrays)


ANY = gone, folder, filled_folder, empty, truncated, binary, text, loop, dangling
DAMAGES = [
    *(("config.json", damage) for damage in ANY),
    *(
        ("config.json", content(held))
        for held in ("[]", "3", "{}", "null", '{"name": "a"}', "\ufeff{}")
    ),
    *(
        ("config.json", without(name))
        for name in ("recipe", "labels", "vocabulary", "process", "monitor", "data")
    ),
    ("config.json", changed(recipe=3)),
    ("config.json", changed(recipe={})),
    ("config.json", changed(recipe={"dataset": 3})),
    ("config.json", changed(labels=None)),
    ("config.json", changed(vocabulary=3)),
    ("config.json", changed(data=3)),
    ("config.json", changed(data={"train": 3})),
    ("config.json", changed(earlier_sessions={})),
    ("config.json", changed(process=None)),
    ("config.json", changed(process={})),
    ("config.json", changed(imports=3)),
    *(("history.csv", damage) for damage in ANY),
    *(
        ("history.csv", damage)
        for damage in (fewer_lines, more_lines, shorter_line, no_numbers)
    ),
    *(("metrics.json", damage) for damage in ANY),
    *(("metrics.json", content(held)) for held in ("[]", '{"loss": "a"}')),
    *(("timings.json", damage) for damage in ANY),
    *(
        ("timings.json", content(held))
        for held in (
            *("[]", "{}", '{"sessions": []}', '{"sessions": 3, "total": {}}'),
            '{"sessions": [3], "total": {}}',
        )
    ),
    *(("model.keras", damage) for damage in ANY),
    *(("checkpoints", damage) for damage in (gone, folder, filled_folder, file, loop)),
    *(("checkpoint", damage) for damage in (*ANY, later_version)),
    *(("logs", damage) for damage in (gone, folder, file, loop)),
]


def extra(name, is_folder=False):
    def put(path):
        if is_folder:
            path.joinpath(name).mkdir(parents=True)
        else:
            path.joinpath(name).write_text("x")

    put.__name__ = name.replace("/", "-")
    return put


EXTRAS = [
    *map(
        extra,
        (
            *(".part-x", ".DS_Store", "Thumbs.db", "notes.txt", "checkpoints/.part-x"),
            *("checkpoints/.DS_Store", "checkpoints/epoch-x-step-y.npz"),
            *("checkpoints/epoch-9-step-copy.npz", "logs/.part-x", "config.json~"),
        ),
    ),
    *(
        extra(name, is_folder=True)
        for name in (
            *(".part-y", ".ipynb_checkpoints", "checkpoints/.part-y"),
            *("checkpoints/epoch-0009-step-0000000.npz", "checkpoints/.ipynb"),
        )
    ),
]
COMMANDS = {
    "resume": lambda run: ["train", "mlp", *TRAIN, "--output", run, "--resume"],
    "evaluate": lambda run: ["evaluate", run],
    "runs": lambda run: ["runs", run],
    "report": lambda run: ["report", run],
    "export": lambda run: ["export", run, "--base-path", f"{run}-out"],
}


FILES = {
    "runs": {"config.json", "history.csv", "metrics.json", "timings.json"},
    "evaluate": {"config.json", "model.keras"},
    "report": {"config.json", "history.csv", "metrics.json", "model.keras"},
    "export": {"config.json", "model.keras"},
}


def name_of(value):
    return getattr(value, "__name__", str(value))


def check(run, path, name, capsys):
    """Runs a command, and checks that it works or says in one line which file fails."""
    capsys.readouterr()
    code = command([str(each) for each in COMMANDS[name](run)])
    error = capsys.readouterr().err
    lines = [line for line in error.splitlines() if line.startswith("zoo: ")]
    assert "Traceback" not in error
    assert code in (0, 1)
    assert len(lines) == code, error
    if code:
        assert error.splitlines()[-1] == lines[0]
        assert path.name in lines[0] or str(run) in lines[0], lines
        assert ";" in lines[0] or ". " in lines[0], "it does not say what to do"
    return code, error


@pytest.mark.parametrize("name", ["runs"])
@pytest.mark.parametrize(("file", "damage"), DAMAGES, ids=name_of)
def test_a_damaged_file_is_one_line(damaged, file, damage, name, capsys):
    if file not in FILES[name]:
        pytest.skip("does not read it")
    run = damaged(file, damage)
    check(run, run / file, name, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["evaluate", "resume", "report", "export"])
@pytest.mark.parametrize(("file", "damage"), DAMAGES, ids=name_of)
def test_a_damaged_file_is_one_line_everywhere(damaged, file, damage, name, capsys):
    if file not in FILES.get(name, {file}):
        pytest.skip("does not read it")
    run = damaged(file, damage)
    path = newest(run) if file == "checkpoint" and damage is not gone else run / file
    check(run, path, name, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("put", EXTRAS, ids=name_of)
def test_what_others_leave_in_a_run_folder_disturbs_nothing(damaged, put, capsys):
    run = damaged(".", put)
    for name in ("resume", "evaluate", "runs", "report"):
        code, error = check(run, run, name, capsys)
        assert code == 0, error


@pytest.mark.parametrize("put", EXTRAS, ids=name_of)
def test_what_others_leave_is_no_checkpoint(damaged, put):
    run = damaged(".", put)
    expected = len(list((run / "checkpoints").glob("epoch-0*-step-0*.npz")))
    found = Checkpoints(run / "checkpoints")._all()
    assert len(found) == expected - ("epoch-0009" in put.__name__)


@pytest.mark.parametrize(
    ("file", "damage", "message"),
    [
        ("config.json", gone, "but its config.json is gone, without which"),
        ("config.json", folder, "config.json cannot be read (Is a directory)"),
        ("config.json", loop, "config.json cannot be read (Too many levels"),
        ("model.keras", folder, "model.keras is a folder, where a file is to be"),
        ("checkpoints", file, "checkpoints is no folder"),
        ("logs", loop, "logs is no folder"),
        ("timings.json", empty, "timings.json is damaged"),
    ],
    ids=name_of,
)
def test_what_a_resume_says(damaged, file, damage, message, capsys):
    run = damaged(file, damage)
    code, error = check(run, run / file, "resume", capsys)
    assert code == 1
    assert message in error


def test_a_run_folder_that_may_not_be_read(damaged, monkeypatch, capsys):
    run = damaged("logs", gone)
    read = type(run).read_bytes

    def refuse(path):
        if path.name == "config.json":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return read(path)

    monkeypatch.setattr(type(run), "read_bytes", refuse)
    for name in ("resume", "evaluate", "runs"):
        code, error = check(run, run / "config.json", name, capsys)
        assert code == 1
        assert "config.json cannot be read (Permission denied)" in error


def test_a_folder_that_may_not_be_written(damaged, monkeypatch, capsys):
    run = damaged("logs", gone)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    code, error = check(run, run / "checkpoints", "resume", capsys)
    assert code == 1
    assert "checkpoints may not be written to; change its permissions" in error
