"""Runs that are stopped, killed, or run into a full disk or a loss without bounds."""

import errno
import functools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

import zoo
from custom_layers import Dense, Flatten
from zoo.datasets import Dataset, Split
from zoo.errors import DatasetError, RunError
from zoo.machines.devices import choose
from zoo.runs.summary import summary
from zoo.tasks import get
from zoo.training import loop as loops
from zoo.training.checkpoint import Checkpoints
from zoo.training.compile import compile_model
from zoo.training.diagnosis import explain
from zoo.training.loop import DivergenceError, Loop

HELPER = Path(__file__).with_name("faulty.py")
MODELS = ("faulty_mlp", "faulty_cnn", "faulty_lstm")


def start(name, folder, *arguments, step=0, size=0):
    return subprocess.Popen(
        [
            *(sys.executable, HELPER, str(step), str(size), "train", name),
            *("--output", folder, "--log-every", "2", *arguments),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )


def stop(process, number):
    """Stops a process that waits within an epoch; returns its standard error."""
    assert process.stdout.readline() == "here\n", process.stderr.read()
    process.send_signal(number)
    _, err = process.communicate("\n" if number != signal.SIGKILL else None)
    return err


def finish(process):
    _, err = process.communicate()
    assert process.returncode == 0, err


def last_state(folder):
    state = Checkpoints(folder / "checkpoints").latest()
    assert state is not None
    return state


def leftovers(folder):
    return list(folder.rglob(".part-*"))


def assert_same(first, second):
    """Two runs end with the same bits: weights, optimizer, generators, best, loss."""
    a, b = last_state(first), last_state(second)
    for x, y in zip([*a.variables, *a.best], [*b.variables, *b.best], strict=True):
        np.testing.assert_array_equal(x, y)
    for row, other in zip(a.progress.history, b.progress.history, strict=True):
        assert row | {"seconds": 0} == other | {"seconds": 0}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of the uninterrupted run of a model."""
    base = tmp_path_factory.mktemp("whole")

    @functools.cache
    def whole(name):
        finish(start(name, base / name))
        return base / name

    return whole


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_a_run_stopped_within_epochs_ends_with_the_same_bits(whole, tmp_path, name):
    folder = tmp_path / name
    # Calls of two steps: an epoch of eleven steps has six of them.
    for number, step, code in (
        (signal.SIGTERM, 3, 143),
        (signal.SIGINT, 6, 130),
        (signal.SIGKILL, 7, -9),
    ):
        process = start(name, folder, "--resume", step=step)
        err = stop(process, number)
        assert process.returncode == code
        reached = last_state(folder).progress.step
        assert reached > 0, "it was not stopped within an epoch"
        assert summary(folder).state == "interrupted"
        if number != signal.SIGKILL:
            assert [line for line in err.splitlines() if line][-3:] == [
                "Stopping after this step to save it ...",
                "Progress is kept; add --resume to continue.",
                "zoo: interrupted.",
            ]
            assert "Traceback" not in err
    finish(start(name, folder, "--resume"))
    assert leftovers(folder) == []
    assert_same(whole(name), folder)
    config = json.loads((folder / "config.json").read_text())
    assert len(config["earlier_sessions"]) == 3
    assert all("faulty.py" in s["command"] for s in config["earlier_sessions"])
    timings = json.loads((folder / "timings.json").read_text())
    assert [s["state"] for s in timings["sessions"]] == [
        *("interrupted", "interrupted", "running", "finished")
    ]
    assert timings["total"]["steps"] >= 44
    assert timings["total"]["seconds"]["total"] == pytest.approx(
        sum(s["seconds"]["total"] for s in timings["sessions"])
    )


@pytest.mark.soak
def test_a_run_killed_hundreds_of_times_ends_with_the_same_bits(tmp_path):
    """A few steps after each start, within the next ones or while they are saved."""
    whole, folder = tmp_path / "whole", tmp_path / "killed"
    asked = "--epochs", "200"
    random, kills = np.random.default_rng(0), 0
    while True:
        step = random.integers(1, 8)
        process = start("faulty_mlp", folder, "--resume", *asked, step=step)
        if process.stdout.readline() != "here\n":
            break
        process.stdin.write("\n")
        process.stdin.flush()
        time.sleep(random.uniform(0, 0.05))
        process.kill()
        process.communicate()
        kills += 1
    finish(process)
    assert kills > 100
    finish(start("faulty_mlp", whole, *asked))
    assert leftovers(folder) == []
    assert_same(whole, folder)


@pytest.mark.slow
def test_same_seed_same_weights_in_another_process(whole, tmp_path):
    finish(start("faulty_mlp", tmp_path / "again"))
    assert_same(whole("faulty_mlp"), tmp_path / "again")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
def test_a_full_disk_leaves_the_last_checkpoint_whole(whole, tmp_path):
    # The first checkpoint has no best weights yet and is the only one that fits.
    checkpoints = whole("faulty_mlp") / "checkpoints"
    sizes = [path.stat().st_size for path in checkpoints.iterdir()]
    folder = tmp_path / "run"
    process = start("faulty_mlp", folder, size=min(sizes) - 1000)
    _, err = process.communicate()
    assert process.returncode == 1
    (line,) = [line for line in err.splitlines() if line.startswith("zoo: ")]
    assert err.splitlines()[-1] == line
    assert "Cannot write" in line
    assert "Free some disk space and continue with --resume" in line
    assert "Traceback" not in err
    assert "ignored" not in err
    assert leftovers(folder) == []
    assert summary(folder).state == "interrupted"
    finish(start("faulty_mlp", folder, "--resume"))
    assert_same(whole("faulty_mlp"), folder)


def tiny(samples=64):
    """Two classes that differ in one feature."""
    x = np.random.default_rng(0).normal(size=(samples, 4)).astype("float32")
    split = Split(x, (x[:, 0] > 0).astype("int64"))
    return Dataset("drawn", split, split, split, ("low", "high"))


@pytest.mark.slow
def test_a_disk_that_fills_up_while_a_checkpoint_is_written(tmp_path, monkeypatch):
    def full(*arguments, **more):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    class FillUp(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                monkeypatch.setattr(np, "savez", full)

    asked = {"dataset": tiny(), "output": tmp_path / "r", "jit": "off"}
    with pytest.raises(RunError, match=r"No space left.*\d\.npz is intact.*disk space"):
        zoo.train("mlp", epochs=2, callbacks=[FillUp()], **asked)
    assert leftovers(tmp_path) == []
    monkeypatch.undo()
    assert summary(tmp_path / "r").state == "interrupted"
    run = zoo.train("mlp", epochs=2, resume=True, **asked)
    assert len(run.history["loss"]) == 2


def test_a_disk_that_fills_up_elsewhere(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("zoo.training.history.HistoryFile._write", full)
    with pytest.raises(RunError, match=r"No space left.*the last checkpoint is intact"):
        zoo.train("mlp", dataset=tiny(), epochs=1, output=tmp_path / "r", jit="off")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("no\nclass"), r"\(ValueError: no class\)"),
        (OSError(errno.ENOSPC, "full"), r"\(OSError: full\)"),
        (DatasetError("no pairs."), r"\(no pairs\)"),
    ],
)
def test_a_model_that_cannot_be_scored_is_kept(tmp_path, monkeypatch, error, reason):
    def fails(*arguments, **more):
        raise error

    folder = tmp_path / "r"
    asked = {"dataset": tiny(), "output": folder, "jit": "off"}
    zoo.train("mlp", epochs=1, **asked)
    with monkeypatch.context() as patch:
        patch.setattr("zoo.training.train.scores", fails)
        said = rf"saved as {folder}/model.keras, but .* scored {reason}"
        with pytest.raises(RunError, match=rf"{said}.*`zoo evaluate {folder}`"):
            zoo.train("mlp", epochs=2, resume=True, **asked)
    # Those of the first epoch are not taken for those of the second.
    assert not (folder / "metrics.json").exists()
    assert summary(folder).state == "interrupted"
    found = zoo.evaluate(folder, tiny())
    run = zoo.train("mlp", epochs=2, resume=True, **asked)
    assert run.metrics == pytest.approx(found)
    assert (folder / "metrics.json").exists()


@pytest.mark.slow
def test_an_ensemble_that_cannot_be_scored_is_kept(tmp_path, monkeypatch):
    def fails(*arguments, **more):
        raise ValueError("no class")

    monkeypatch.setattr("zoo.training.ensemble.scores", fails)
    folder = tmp_path / "r"
    asked = {"dataset": tiny(), "output": folder, "jit": "off", "epochs": 1}
    with pytest.raises(RunError, match=rf"saved as {folder}/model.keras.*no class"):
        zoo.train_ensemble("mlp", members=2, **asked)
    assert zoo.evaluate(folder, tiny())["loss"] > 0


@keras.saving.register_keras_serializable("tests")
class Apply(keras.layers.Layer):
    """Applies a function; it has no weights."""

    def __init__(self, function, **more):
        super().__init__(**more)
        self.function = function

    def call(self, x):
        return self.function(x)


def root(x):
    # Finite itself, with an infinite slope.
    return x + keras.ops.sqrt(x * 0.0)


def overflow(x):
    return keras.ops.exp(x * 1000.0)


def fail(tmp_path, function, rate, save_seconds, monkeypatch):
    """Trains a model that must break; returns the message."""
    monkeypatch.setattr(loops, "SAVE_SECONDS", save_seconds)
    data = tiny()
    recipe = zoo.Recipe(
        dataset="drawn",
        optimizer=("SGD", {"learning_rate": rate}),
        batch_size=16,
        epochs=3,
    )
    keras.utils.set_random_seed(0)
    x = keras.Input((4,))
    h = Dense(8, name="first")(Flatten()(x))
    h = Apply(function, name="middle")(h)
    h = Dense(8, name="third")(h)
    model = keras.Model(x, Dense(2, name="logits")(h))
    compile_model(model, recipe, get("classification"), steps=4, jit=False)
    checkpoints = Checkpoints(tmp_path)
    loop = Loop(model, data, recipe, checkpoints, choose("cpu"))
    loop.resume_or_start()
    with pytest.raises(DivergenceError) as divergence:
        loop.run([], [], 1)
    error = explain(loop, divergence.value)
    state = checkpoints.latest()
    assert state is not None
    assert all(np.isfinite(value).all() for value in state.variables)
    assert str(checkpoints.path(state.progress)) in str(error)
    assert "Try a smaller learning rate" in str(error)
    return str(error)


def test_an_output_that_overflows_is_named(tmp_path, monkeypatch):
    message = fail(tmp_path, overflow, 0.01, 15, monkeypatch)
    assert "not finite at step 1 (epoch 1): the outputs of layer 'middle'" in message


def test_a_gradient_that_is_infinite_is_named(tmp_path, monkeypatch):
    message = fail(tmp_path, root, 0.01, 15, monkeypatch)
    assert "the gradient through layer 'middle' is the first" in message


@pytest.mark.parametrize("save_seconds", [0, 15])
def test_a_rate_that_is_too_large(tmp_path, monkeypatch, save_seconds):
    message = fail(tmp_path, lambda x: x, 1e30, save_seconds, monkeypatch)
    assert "not finite at step 2 (epoch 1): the outputs of layer" in message
    assert "'third'" in message or "'logits'" in message


@pytest.mark.parametrize("save_seconds", [0, 15])
def test_an_update_that_overflows(tmp_path, monkeypatch, save_seconds):
    # The loss of a step is finite; the weights after it are not.
    message = fail(tmp_path, lambda x: x * 1e4, 1e38, save_seconds, monkeypatch)
    assert "step 1 made the weights of layer 'first' infinite" in message


def with_splits(data, **splits):
    arrays = {name: Split(*arrays) for name, arrays in splits.items()}
    return Dataset(
        data.name,
        **{n: getattr(data, n) for n in ("train", "validation", "test")} | arrays,
        labels=data.labels,
    )


@pytest.mark.parametrize("part", ["train", "validation", "test"])
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda x, y: (x, y + 1), r"\({}\): labels must be in 0\.\.1"),
        (lambda x, y: (x, y - 1), r"\({}\): labels must be in 0\.\.1"),
        (lambda x, y: (np.where(x > 1, np.nan, x), y), r"\({}\): .*NaN or infinity"),
        (lambda x, y: (x[:0], y[:0]), r"\({}\): there are no samples"),
        (lambda x, y: (x, y[:-1]), r"\({}\): 64 samples but 63 labels"),
        (lambda x, y: (x[:, :2], y), "shape"),
    ],
)
def test_wrong_data_is_found_before_the_first_step(tmp_path, part, spoil, message):
    data = tiny()
    wrong = with_splits(data, **{part: spoil(*getattr(data, part))})
    with pytest.raises(DatasetError, match=message.format(part)):
        zoo.train("mlp", dataset=wrong, output=tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_a_class_without_a_sample_to_train_on(tmp_path):
    data = tiny()
    x, y = data.train
    wrong = with_splits(data, train=(x[y == 1], y[y == 1]))
    with pytest.raises(DatasetError, match=r"1 of 2 classes have no sample .*\(low\)"):
        zoo.train("mlp", dataset=wrong, output=tmp_path / "r")
    alone = Dataset("drawn", *(Split(x, y * 0) for _ in range(3)), labels=("low",))
    with pytest.raises(DatasetError, match="one class"):
        zoo.train("mlp", dataset=alone, output=tmp_path / "r")
