"""Keras' callbacks in our training and in Keras' own `fit`: the same, whatever they do.

One run of each has all of them at once, with the same model, batches and order.
"""

import csv

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

import zoo
from zoo.runs.order import permutation

EPOCHS, BATCH = 4, 16
stock = keras.callbacks
pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="TensorBoard writes with it"
)


class Hooks(dict):
    """Functions for each hook, which note how they were called."""

    def __init__(self):
        self.calls = []
        for kind in ("train", "test", "predict"):
            for moment in ("begin", "end"):
                for name in (f"on_{kind}_{moment}", f"on_{kind}_batch_{moment}"):
                    self[name] = self._noting(name)
        for name in ("on_epoch_begin", "on_epoch_end"):
            self[name] = self._noting(name)

    def _noting(self, name):
        def call(*arguments, **named):
            values = [*arguments, *named.values()]
            logs = next((dict(v) for v in values if isinstance(v, dict)), {})
            places = [value for value in values if isinstance(value, int)]
            self.calls.append((name, places, logs))

        return call


def callbacks(folder, hooks):
    files = folder / "files"
    return {
        "LearningRateScheduler": stock.LearningRateScheduler(
            lambda epoch, rate: rate if epoch != 1 else 0.05
        ),
        "ReduceLROnPlateau": stock.ReduceLROnPlateau(
            "val_loss", factor=0.5, patience=1, min_delta=0.2, min_lr=1e-3
        ),
        "best": stock.ModelCheckpoint(
            files / "best-{epoch}.keras", "val_loss", save_best_only=True
        ),
        "most": stock.ModelCheckpoint(
            files / "most-{epoch}.keras",
            "loss",
            mode="max",
            save_best_only=True,
        ),
        "threshold": stock.ModelCheckpoint(
            files / "threshold-{epoch}.keras",
            "val_loss",
            save_best_only=True,
            initial_value_threshold=0.0,
        ),
        "template": stock.ModelCheckpoint(
            files / "{epoch:02d}-{val_loss:.3f}-{accuracy:.2f}.weights.h5",
            save_weights_only=True,
        ),
        "steps": stock.ModelCheckpoint(
            files / "steps-{epoch}-{batch}.keras", save_freq=3
        ),
        "CSVLogger": stock.CSVLogger(folder / "log.csv", separator=";"),
        "TerminateOnNaN": stock.TerminateOnNaN(),
        "LambdaCallback": stock.LambdaCallback(**hooks),
        "TensorBoard": stock.TensorBoard(
            str(folder / "events"),
            update_freq=2,
            histogram_freq=2,
            write_steps_per_second=True,
        ),
        "EarlyStopping": stock.EarlyStopping(
            "val_loss", patience=2, min_delta=0.5, restore_best_weights=False
        ),
        "History": stock.History(),
    }


def made():
    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    hidden = keras.layers.Dense(8, activation="tanh")
    layers = [keras.Input((4,)), hidden, keras.layers.Dense(3)]
    model = keras.Sequential(layers, name="mine")
    model.compile(
        keras.optimizers.SGD(0.1),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def fit(model, data, held):
    x, y = data.train

    def batches():
        for epoch in range(EPOCHS):
            order = permutation(0, epoch, len(y))
            for start in range(0, len(y), BATCH):
                chosen = order[start : start + BATCH]
                yield x[chosen], y[chosen]

    model.fit(
        batches(),
        epochs=EPOCHS,
        steps_per_epoch=-(-len(y) // BATCH),
        validation_data=(data.validation.x, data.validation.y),
        validation_batch_size=256,
        shuffle=False,
        callbacks=held,
        verbose=0,
    )


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Folder, callbacks, calls of hooks, and model of our run, and of `fit`."""
    found = []
    for name in ("ours", "theirs"):
        folder = tmp_path_factory.mktemp(name)
        (folder / "files").mkdir()
        hooks, model = Hooks(), made()
        held = callbacks(folder, hooks)
        if name == "ours":
            asked = {"epochs": EPOCHS, "batch_size": BATCH, "jit": "off"}
            asked |= {"dataset": "iris", "schedule": None}
            asked["callbacks"] = [*held.values()]
            zoo.train(model, output=folder / "run", **asked)
        else:
            fit(model, zoo.load_dataset("iris"), [*held.values()])
        found.append((folder, held, hooks.calls, model))
    return found


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-6)


@pytest.mark.slow
def test_the_history_and_the_rates(both):
    ours, theirs = (held["History"].history for _, held, _, _ in both)
    assert ours.keys() == theirs.keys()
    assert "learning_rate" in ours
    for name, values in theirs.items():
        close(ours[name], values)
    assert len({*ours["learning_rate"]}) > 2, "both callbacks must change it"
    assert len(ours["loss"]) == 3, "EarlyStopping must stop it"
    rates = [float(model.optimizer.learning_rate) for *_, model in both]
    assert rates[0] == rates[1]


@pytest.mark.slow
def test_files_of_models(both):
    ours, theirs = (folder / "files" for folder, *_ in both)
    names = {path.name for path in theirs.iterdir()}
    assert {path.name for path in ours.iterdir()} == names
    for kind, number in (("best", 3), ("most", 1), ("threshold", 0), ("steps", 5)):
        assert sum(name.startswith(kind) for name in names) == number, kind
    assert sum(name.endswith(".weights.h5") for name in names) == 3
    for name in names:
        weights = []
        for folder in (ours, theirs):
            if name.endswith(".keras"):
                loaded = keras.saving.load_model(folder / name)
            else:
                loaded = made()
                loaded.load_weights(folder / name)
            weights.append(loaded.get_weights())
        for a, b in zip(*weights, strict=True):
            close(a, b)


@pytest.mark.slow
def test_lines_of_a_log(both):
    rows = []
    for folder, *_ in both:
        with (folder / "log.csv").open(newline="") as file:
            rows.append([*csv.DictReader(file, delimiter=";")])
    ours, theirs = rows
    assert [*ours[0]] == [*theirs[0]]
    assert len(ours) == len(theirs) == 3
    for a, b in zip(ours, theirs, strict=True):
        close([float(v) for v in a.values()], [float(v) for v in b.values()])


@pytest.mark.slow
def test_calls_of_hooks(both):
    ours, theirs = (calls for _, _, calls, _ in both)
    assert [call[:2] for call in ours] == [call[:2] for call in theirs]
    for (name, _, logs), (_, _, others) in zip(ours, theirs, strict=True):
        if name == "on_train_end":
            # Ours also have what callbacks added, and the seconds.
            logs = {key: logs[key] for key in others}
        assert logs.keys() == others.keys(), name
        close([*logs.values()], [others[key] for key in logs])


def events_of(folder):
    events = EventAccumulator(str(folder))
    events.Reload()
    return {
        (tag, event.step): event.tensor_proto
        for tag in events.Tags()["tensors"]
        for event in events.Tensors(tag)
    }


@pytest.mark.slow
@pytest.mark.parametrize("part", ["train", "validation"])
def test_events_of_a_board(both, part):
    ours, theirs = (events_of(folder / "events" / part) for folder, *_ in both)
    assert ours.keys() == theirs.keys()
    values = [key for key in ours if "loss" in key[0] or "accuracy" in key[0]]
    assert len(values) >= 4
    for key in values:
        close(
            tensor_util.make_ndarray(ours[key]), tensor_util.make_ndarray(theirs[key])
        )


@pytest.mark.slow
def test_states_at_the_end(both):
    ours, theirs = (held for _, held, _, _ in both)
    for name, keys in (
        ("EarlyStopping", ("stopped_epoch", "wait", "best", "best_epoch")),
        ("ReduceLROnPlateau", ("wait", "best", "cooldown_counter")),
        ("best", ("best",)),
        ("most", ("best",)),
        ("threshold", ("best",)),
        ("steps", ("_batches_seen_since_last_saving", "_last_batch_seen")),
        ("TensorBoard", ("_global_train_batch", "_global_test_batch")),
        ("History", ("epoch",)),
    ):
        for key in keys:
            close(getattr(ours[name], key), getattr(theirs[name], key))
