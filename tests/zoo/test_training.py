import csv
import dataclasses
import json
import signal
from pathlib import Path

import keras
import numpy as np
import pytest

import zoo
from zoo.datasets import Split
from zoo.errors import ArgumentError, DatasetError, RunError, UnknownNameError
from zoo.machines.devices import accelerators
from zoo.runs import folder
from zoo.runs.order import permutation
from zoo.training import feed
from zoo.training.checkpoint import Checkpoints, Progress, State


def weights_of(model):
    return [np.asarray(w) for w in model.weights]


def small(data, count=64):
    """The same dataset with few training samples."""
    train = Split(data.train.x[:count], data.train.y[:count])
    return dataclasses.replace(data, train=train)


def test_run_folder(run):
    names = {path.name for path in run.directory.iterdir()}
    assert names == {
        "config.json",
        "history.csv",
        "metrics.json",
        "timings.json",
        "model.keras",
        "checkpoints",
        "logs",
    }
    config = json.loads((run.directory / "config.json").read_text())
    assert config["name"] == "lenet5"
    assert config["dataset"] == "digits"
    assert config["recipe"]["epochs"] == 2
    assert config["labels"] == list("0123456789")
    backend = keras.backend.backend()
    assert {"keras", backend, "python"} <= config["versions"].keys()
    assert config["command"]
    held = json.loads((run.directory / "metrics.json").read_text())
    assert held == run.metrics | {"details": run.details}
    rows = list(csv.DictReader((run.directory / "history.csv").read_text().split()))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert [float(row["val_loss"]) for row in rows] == run.history["val_loss"]
    assert list((run.directory / "logs").rglob("events*"))


def test_saved_model_answers_like_the_run(run, digits):
    loaded = keras.saving.load_model(run.directory / "model.keras")
    np.testing.assert_allclose(
        loaded.predict(digits.test.x, verbose=0),
        run.model.predict(digits.test.x, verbose=0),
        atol=1e-6,
    )


def test_it_learns(run):
    assert run.history["loss"][1] < run.history["loss"][0]
    assert run.metrics["accuracy"] > 0.5


def multiply_weights(factor):
    """A callback that spoils the weights after one epoch."""

    class Spoil(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                for weight in self.model.trainable_weights:
                    weight.assign(weight * factor)

    return Spoil


@pytest.mark.slow
def test_the_weights_of_the_best_epoch_are_kept(tmp_path, digits):
    seen = []
    look = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(weights_of(look.model))
    )
    run = zoo.train(
        "mlp",
        dataset=small(digits, 500),
        epochs=3,
        output=tmp_path / "r",
        callbacks=[multiply_weights(-2.0)(), look],
    )
    assert np.argmax(run.history["val_accuracy"]) == 0
    for kept, wanted in zip(weights_of(run.model), seen[0], strict=True):
        np.testing.assert_array_equal(kept, wanted)


@pytest.mark.slow
def test_same_seed_same_weights_and_another_seed_others(tmp_path, digits):
    data = small(digits)
    runs = [
        zoo.train("mlp", dataset=data, epochs=1, seed=seed, output=tmp_path / name)
        for name, seed in (("a", 3), ("b", 3), ("c", 4))
    ]
    first, second, third = (weights_of(run.model) for run in runs)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, third, strict=True))


@pytest.mark.parametrize(
    "name", ["mlp", pytest.param("lenet5", marks=pytest.mark.slow)]
)
def test_resume_ends_like_the_uninterrupted_run(tmp_path, digits, name):
    data = small(digits, 200)
    overrides = {"dropout": 0.2} if name == "mlp" else {}
    asked = {"dataset": data, "epochs": 4, "overrides": overrides}
    whole = zoo.train(name, output=tmp_path / "whole", **asked)

    class Interrupt(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        zoo.train(name, output=tmp_path / "cut", callbacks=[Interrupt()], **asked)
    assert not (tmp_path / "cut/model.keras").exists()
    resumed = zoo.train(name, output=tmp_path / "cut", resume=True, **asked)
    for a, b in zip(weights_of(whole.model), weights_of(resumed.model), strict=True):
        np.testing.assert_array_equal(a, b)
    assert resumed.history["loss"] == whole.history["loss"]


@pytest.mark.slow
def test_an_interruption_before_validation_loses_no_metrics(tmp_path, digits):
    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == self.params["steps"] - 1:
                signal.raise_signal(signal.SIGINT)

    asked = {"dataset": small(digits), "epochs": 2}
    whole = zoo.train("mlp", output=tmp_path / "whole", **asked)
    with pytest.raises(KeyboardInterrupt):
        zoo.train("mlp", output=tmp_path / "cut", callbacks=[Interrupt()], **asked)
    resumed = zoo.train("mlp", output=tmp_path / "cut", resume=True, **asked)
    del whole.history["seconds"], resumed.history["seconds"]
    assert resumed.history == whole.history


@pytest.mark.slow
def test_resume_starts_anew_where_there_is_nothing(tmp_path, digits, capsys):
    run = zoo.train(
        "mlp", dataset=small(digits), epochs=1, output=tmp_path / "new", resume=True
    )
    assert len(run.history["loss"]) == 1
    assert f"{run.directory} holds no run to resume" in capsys.readouterr().err


def test_a_run_is_not_overwritten(run, digits):
    with pytest.raises(RunError, match="already holds a run; give --resume"):
        zoo.train("lenet5", dataset=digits, output=run.directory)


def test_another_run_is_not_resumed(run, digits):
    with pytest.raises(RunError, match="holds a run with batch_size 32, not 16"):
        zoo.train(
            "lenet5", dataset=digits, batch_size=16, output=run.directory, resume=True
        )


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"jit": "on"}, "jit 'auto', not 'on'"),
        ({"mixed_precision": "bf16"}, "mixed_precision None, not 'bf16'"),
    ],
)
def test_another_precision_or_compiler_is_not_resumed(run, digits, other, message):
    with pytest.raises(RunError, match=message):
        zoo.train(
            "lenet5",
            dataset=digits,
            output=run.directory,
            epochs=2,
            resume=True,
            **other,
        )


def test_options_edited_in_the_file_of_a_run_are_not_half_followed(tmp_path):
    """The rate is a variable of the checkpoint, whatever the file says."""
    asked = {"dataset": "iris", "schedule": None, "output": tmp_path}
    zoo.train("mlp", epochs=1, learning_rate=0.01, **asked)
    path = tmp_path / "config.json"
    text = path.read_text()
    held = json.loads(text)
    held["recipe"]["optimizer"][1]["learning_rate"] = 0.5
    path.write_text(json.dumps(held))
    with pytest.raises(RunError, match="config.json was edited"):
        zoo.train("mlp", output=tmp_path, resume=True, epochs=2)
    held = json.loads(text)
    held["recipe"]["epochs"] = 2
    path.write_text(json.dumps(held))
    assert len(zoo.train("mlp", output=tmp_path, resume=True).history["loss"]) == 2


def test_fewer_epochs_than_a_run_has_had(tmp_path, capsys):
    asked = {"dataset": "iris", "output": tmp_path}
    first = zoo.train("mlp", epochs=3, **asked)
    capsys.readouterr()
    second = zoo.train("mlp", epochs=1, resume=True, **asked)
    said = capsys.readouterr().err
    assert "The run has had 3 epochs, more than the 1 that are asked for" in said
    assert "rate" not in said
    assert second.history == first.history
    for a, b in zip(weights_of(first.model), weights_of(second.model), strict=True):
        np.testing.assert_array_equal(a, b)


def test_output_that_is_no_run(tmp_path, digits):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RunError, match="not an empty folder"):
        zoo.train("mlp", dataset=digits, output=tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_output_that_is_not_writable(tmp_path, digits):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="Cannot write to .*give another --output"):
        zoo.train("mlp", dataset=digits, output=tmp_path / "file" / "run")


@pytest.mark.slow
def test_runs_are_numbered(tmp_path, digits, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = small(digits)
    folders = [
        zoo.train("mlp", dataset=data, epochs=1, resume=resume).directory.as_posix()
        for resume in (False, False, True)
    ]
    assert folders == ["runs/mlp.digits/1", "runs/mlp.digits/2", "runs/mlp.digits/2"]


def test_a_number_that_another_process_takes_first_is_left_to_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    numbers = iter((1, 2))

    def choose(*arguments, **options):
        return Path("runs/mlp.digits") / str(next(numbers))

    monkeypatch.setattr(folder, "choose_folder", choose)
    Path("runs/mlp.digits/1").mkdir(parents=True)
    assert folder.new_folder("mlp", "digits") == Path("runs/mlp.digits/2")


def test_two_processes_do_not_train_into_one_folder(tmp_path, digits):
    asked = {"dataset": small(digits), "epochs": 1, "output": tmp_path / "r"}
    with folder.claimed(tmp_path / "r"):
        for resume in (False, True):
            with pytest.raises(RunError, match="is being trained by another process"):
                zoo.train("mlp", resume=resume, **asked)
        assert not any((tmp_path / "r").iterdir())
    zoo.train("mlp", **asked)
    zoo.train("mlp", resume=True, **asked)


@pytest.mark.parametrize(
    ("epochs", "steps"),
    [((9999, 10000), (0, 0)), ((1, 1), (9_999_999, 10_000_000)), ((9, 10), (7, 0))],
)
def test_the_last_checkpoint_is_the_one_with_the_highest_number(
    tmp_path, epochs, steps
):
    checkpoints = Checkpoints(tmp_path)
    for epoch, step in zip(epochs, steps, strict=True):
        progress = Progress(history=[{"loss": 1.0}] * epoch, step=step)
        checkpoints.save(State(progress, [np.zeros(1)], []))
    state = checkpoints.latest()
    assert state is not None
    assert (state.progress.epoch, state.progress.step) == (epochs[-1], steps[-1])


@pytest.mark.slow
def test_each_epoch_has_an_order_of_its_own(tmp_path, monkeypatch):
    orders = []

    def spy(seed, epoch, samples):
        orders.append(permutation(seed, epoch, samples))
        return orders[-1]

    monkeypatch.setattr(feed, "permutation", spy)
    zoo.train("mlp", dataset="iris", epochs=3, seed=5, output=tmp_path / "r")
    samples = len(orders[0])
    assert samples == len(zoo.load_dataset("iris").train.y)
    expected = [permutation(5, epoch, samples) for epoch in range(3)]
    np.testing.assert_array_equal(orders, expected)
    assert len({tuple(order) for order in orders}) == 3
    for order in orders:
        np.testing.assert_array_equal(np.sort(order), np.arange(samples))


@pytest.mark.slow
def test_strategies(tmp_path, digits):
    auto, cpu = (
        zoo.train(
            "mlp",
            dataset=small(digits),
            epochs=1,
            strategy=strategy,
            output=tmp_path / strategy,
        )
        for strategy in ("auto", "cpu")
    )
    assert auto.history["loss"] == cpu.history["loss"]


@pytest.mark.skipif(bool(accelerators()), reason="there is an accelerator")
def test_a_gpu_that_is_not_there(tmp_path, digits):
    with pytest.raises(ArgumentError, match="No GPU was found"):
        zoo.train("mlp", dataset=digits, strategy="gpu", output=tmp_path / "r")


@pytest.mark.parametrize("cut", [2000, pytest.param(0, marks=pytest.mark.slow)])
def test_a_damaged_checkpoint_falls_back(tmp_path, digits, capsys, cut):
    asked = {"dataset": small(digits), "overrides": {"dropout": 0.2}}
    whole = zoo.train("mlp", epochs=3, output=tmp_path / "whole", **asked)
    zoo.train("mlp", epochs=2, output=tmp_path / "r", **asked)
    _, last = sorted((tmp_path / "r/checkpoints").iterdir())
    last.write_bytes(last.read_bytes()[:cut])
    run = zoo.train("mlp", epochs=3, output=tmp_path / "r", resume=True, **asked)
    assert f"{last} is damaged" in capsys.readouterr().err
    for a, b in zip(weights_of(whole.model), weights_of(run.model), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_no_checkpoint_that_is_whole(tmp_path, digits):
    zoo.train("mlp", dataset=small(digits), epochs=1, output=tmp_path / "r")
    for path in (tmp_path / "r/checkpoints").iterdir():
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    with pytest.raises(RunError, match="Every checkpoint in .* is damaged"):
        zoo.train(
            "mlp", dataset=small(digits), epochs=2, output=tmp_path / "r", resume=True
        )


def test_loss_that_is_not_finite_stops(tmp_path, digits):
    with pytest.raises(
        RunError, match=r"not finite at step 3 \(epoch 2\): .*a callback.*smaller"
    ):
        zoo.train(
            "mlp",
            dataset=small(digits),
            epochs=9,
            output=tmp_path / "r",
            callbacks=[multiply_weights(np.nan)()],
        )
    assert list((tmp_path / "r/checkpoints").iterdir())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"name": "lenet"}, UnknownNameError, "Did you mean lenet5"),
        ({"dataset": "mnsit"}, DatasetError, "neither built in"),
        ({"dataset": "iris"}, DatasetError, "takes images"),
        ({"name": "lenet5.mnist", "dataset": "digits"}, DatasetError, "input_shape"),
        ({"name": "mlp.iris", "dataset": "digits"}, DatasetError, "input_shape"),
        ({"epochs": 0}, ArgumentError, "`epochs` must be 1 or more"),
        ({"batch_size": -1}, ArgumentError, "`batch_size` must be 1 or more"),
        ({"seed": -1}, ArgumentError, "`seed` must be 0 or more"),
        ({"strategy": "quantum"}, ArgumentError, "`strategy` must be 'auto', 'cpu'"),
        ({"overrides": {"num_classes": 3}}, ArgumentError, "leave num_classes out"),
        ({"overrides": {"wings": 3}}, ArgumentError, "takes no argument wings"),
    ],
)
def test_bad_arguments_leave_no_folder(tmp_path, arguments, error, message):
    with pytest.raises(error, match=message):
        zoo.train(**{"name": "lenet5", "output": tmp_path / "r", **arguments})
    assert not (tmp_path / "r").exists()


def test_evaluate_recomputes_the_published_metrics(run):
    assert zoo.evaluate(run.directory) == pytest.approx(run.metrics, abs=1e-6)
    assert zoo.evaluate(run.model, "digits") == pytest.approx(run.metrics, abs=1e-6)


@pytest.mark.parametrize(
    ("subject", "dataset", "error", "message"),
    [
        ("nope", None, UnknownNameError, "No run or model 'nope'; nearest: "),
        ("lenet5.npz.keras", None, zoo.ZooError, "no model file"),
        ("lenet5", None, zoo.ZooError, "No weights ship for 'lenet5'"),
    ],
)
def test_evaluate_bad_subject(subject, dataset, error, message):
    with pytest.raises(error, match=message):
        zoo.evaluate(subject, dataset)


def test_evaluate_checks_that_data_fits(run):
    with pytest.raises(DatasetError, match="input_shape"):
        zoo.evaluate(run.model, "iris")
    with pytest.raises(ArgumentError, match="name a dataset"):
        zoo.evaluate(run.model)


def test_unfinished_run(tmp_path):
    config = dict.fromkeys(("name", "task", "dataset"), "mlp")
    config |= {"recipe": {"encoding": {}, "epochs": 1}, "arguments": {}, "labels": []}
    config |= {"vocabulary": None, "process": {}, "monitor": "val_loss", "mode": "min"}
    config |= {"command": "", "devices": "", "versions": {}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(zoo.ZooError, match="not finished.*--resume"):
        zoo.evaluate(tmp_path)


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"name": "mlp"}', '{"earlier_sessions": 3}', "\x00"]
)
@pytest.mark.parametrize("use", [zoo.evaluate, zoo.report])
def test_a_damaged_config(tmp_path, use, content):
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(RunError, match=r"config\.json is damaged .*; train again"):
        use(tmp_path)
