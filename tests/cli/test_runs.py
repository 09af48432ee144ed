"""`zoo runs` and `zoo train --dry-run`."""

import json
import os
import platform
import shutil

import psutil
import pytest

import zoo
from zoo.errors import RunError
from zoo.runs.environment import code_version
from zoo.runs.folder import open_folder
from zoo.runs.summary import summary


def change(path, function):
    content = json.loads(path.read_text())
    function(content)
    path.write_text(json.dumps(content))


@pytest.fixture
def folders(finished, tmp_path, monkeypatch):
    """Two runs in `runs/`, the second with another batch size and not finished."""
    monkeypatch.chdir(tmp_path)
    for number in ("2", "10"):
        shutil.copytree(finished[0], f"runs/mlp.iris/{number}")
    second = tmp_path / "runs/mlp.iris/10"
    (second / "metrics.json").unlink()
    change(second / "config.json", lambda c: c["recipe"].update(batch_size=8))
    change(
        second / "timings.json", lambda c: c["sessions"][-1].update(state="interrupted")
    )
    return tmp_path / "runs/mlp.iris"


def test_runs_are_listed(ask, folders, finished):
    code, out, err = ask("runs")
    assert (code, err) == (0, "")
    head, *lines = out.splitlines()
    assert head.split() == ["run", "model", "state", "epochs", "test"]
    assert [line.split()[:5] for line in lines] == [
        ["runs/mlp.iris/2", "mlp,", "iris", "finished", "2/2"],
        ["runs/mlp.iris/10", "mlp,", "iris", "interrupted", "2/2"],
    ]
    metrics = json.loads((finished[0] / "metrics.json").read_text())
    assert f"accuracy {metrics['accuracy']:.4f}" in lines[0]
    assert "accuracy" not in lines[1]
    wide = ask("runs", "--wide")[1].splitlines()[1]
    assert f"loss {metrics['loss']:.4f}, accuracy {metrics['accuracy']:.4f}" in wide


def test_runs_for_a_script(ask, folders, finished):
    first, second = json.loads(ask("runs", folders, "--json")[1])["runs"]
    rows = (finished[0] / "history.csv").read_text().splitlines()
    column = rows[0].split(",").index("val_loss")
    assert first["best"] == min(float(row.split(",")[column]) for row in rows[1:])
    held = json.loads((finished[0] / "metrics.json").read_text())
    assert held.pop("details")["classes"]
    assert first["test"] == held
    assert first["seconds"] > 0
    assert second["test"] == {}


def test_runs_are_compared(ask, folders):
    code, out, _ = ask("runs", folders / "2", folders / "10")
    assert code == 0
    rows = {line.split("  ")[0]: line.split()[-2:] for line in out.splitlines()}
    assert rows["recipe.batch_size"] == ["16", "8"]
    assert rows["state"] == ["finished", "interrupted"]
    assert rows["test accuracy"][1] == "-"
    assert "recipe.epochs" not in rows
    comparison = json.loads(ask("runs", folders / "2", folders / "10", "--json")[1])
    assert comparison["different"] == {"recipe.batch_size": [16, 8]}


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("config.json", "{", "10/config.json is damaged"),
        ("config.json", None, "10 is damaged or not a run folder: no config.json"),
        ("config.json", "[]", "10/config.json is damaged"),
        ("timings.json", None, "10 is damaged or not a run folder: no timings.json"),
        ("history.csv", "epoch,loss\n1,2\n", "10/history.csv is damaged"),
        ("metrics.json", "", "10/metrics.json is damaged"),
    ],
)
def test_a_damaged_run_does_not_hide_the_others(ask, folders, file, content, message):
    path = folders / "10" / file
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    code, out, err = ask("runs")
    assert code == 0
    assert message in err
    assert err.count("\n") == 1
    assert out.splitlines()[-1].startswith("runs/mlp.iris/2 ")


@pytest.mark.parametrize("command", ["report", "evaluate", "predict"])
def test_the_folder_above_runs_names_one_of_them(ask, folders, command):
    code, out, err = ask(command, "runs/mlp.iris", *(["x"] * (command == "predict")))
    assert (code, out) == (1, "")
    assert err == (
        "zoo: runs/mlp.iris is no run folder, but holds some: give one, such as "
        "runs/mlp.iris/2.\n"
    )


def test_a_report_of_no_folder(ask):
    assert ask("report", "lenet5.mnist") == (
        *(1, ""),
        "zoo: There is no run folder lenet5.mnist; `zoo runs` lists them all.\n",
    )


def test_a_path_has_no_card(ask, folders):
    code, _, err = ask("info", "runs/mlp.iris/2")
    assert code == 1
    assert "`zoo runs runs/mlp.iris/2` shows runs" in err
    assert err.count("\n") == 1


def test_no_runs(ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = ask("runs")
    assert (code, out) == (0, "")
    assert "No runs below runs" in err
    assert json.loads(ask("runs", "--json")[1])["runs"] == []
    code, _, err = ask("runs", "nowhere")
    assert (code, err.count("\n")) == (1, 1)


def test_a_run_that_is_still_trained_is_not_resumed(folders):
    directory = folders / "10"
    here = psutil.Process()
    process = {
        "host": platform.node(),
        "id": here.pid,
        "created": here.create_time(),
    }

    def state(**changes):
        change(directory / "config.json", lambda c: c.update(process=process | changes))
        return summary(directory).state

    change(
        directory / "timings.json", lambda c: c["sessions"][-1].update(state="running")
    )
    assert state(created=0.0) == "interrupted"
    assert state(host="elsewhere") == "unfinished"
    assert state() == "running"
    config = json.loads((directory / "config.json").read_text())
    with pytest.raises(RunError, match="is being trained by another process"):
        open_folder(directory, config, resume=True)


def test_code_version(tmp_path):
    def git(*arguments):
        assert os.spawnlp(os.P_WAIT, "git", "git", "-C", tmp_path, *arguments) == 0

    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    assert code_version(package).keys() == {"version"}
    git("init", "--quiet")
    assert code_version(package).keys() == {"version"}
    git("add", ".")
    author = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    git(*author, "commit", "--quiet", "-m", "One file")
    found = code_version(package)
    assert len(found["commit"]) == 40
    assert found["dirty"] is False
    (package / "__init__.py").write_text("x = 1")
    assert code_version(package)["dirty"] is True


@pytest.mark.slow
def test_dry_run_writes_nothing(ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = ("train", "mlp", "--epochs", 7, "--batch-size", 30, "--dry-run")
    asked += ("--jit", "on")
    code, out, _ = ask(*asked)
    assert code == 0
    for expected in ("268 parameters", "3 per epoch, 21 in 7 epochs", "80 to train on"):
        assert expected in out
    for expected in ("the CPU, with XLA", "an estimate", "weights", "activations"):
        assert expected in out
    plan = json.loads(ask(*asked, "--json")[1])
    assert list(tmp_path.iterdir()) == []
    assert plan["parameters"] == zoo.create_model("mlp").count_params()
    assert plan["steps"] == 7 * plan["steps_per_epoch"] == 21
    # Two moments for each of 259 weights, the step count and the rate.
    assert plan["memory"]["weights"] >= 4 * 268
    assert plan["memory"]["optimizer"] >= 4 * 2 * plan["trainable"]
    assert plan["memory"]["data"] == 100 * (4 * 4 + 8)
    assert plan["memory"]["activations"] >= 4 * 30 * (4 + 32 + 3)
    seconds = plan["seconds"]
    assert seconds["total"] == pytest.approx(
        seconds["compiling"] + 7 * seconds["epoch"]
    )
    assert plan["timed_steps"] > 0


def test_dry_run_finds_what_is_wrong(ask):
    code, out, err = ask("train", "lenet5", "--dataset", "iris", "--dry-run")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "takes images" in err
