"""Callbacks written for `fit`, in runs that go straight through, stop and resume."""

import collections
import contextlib
import signal
from pathlib import Path

import keras
import numpy as np
import pytest

import zoo
from custom_layers.callbacks import EarlyStopping, GradientMonitor
from zoo.errors import ArgumentError, RunError
from zoo.training.callback_states import CallbackStates, names
from zoo.training.checkpoint import Checkpoints
from zoo.training.packing import pack, unpack

# 80 samples: five steps in each epoch.
PLAIN = {"optimizer": "SGD", "learning_rate": 0.1, "schedule": None, "jit": "off"}
PLAIN |= {"overrides": {"dropout": 0.0}, "log_every": 1}
stock = keras.callbacks


def last(folder):
    state = Checkpoints(folder / "checkpoints").latest()
    assert state is not None
    return state


class Interrupt(keras.callbacks.Callback):
    """Sends Ctrl-C after a step, counted over all epochs."""

    def __init__(self, step):
        super().__init__()
        self.step = step

    def get_state(self):
        return {}

    def set_state(self, state):
        pass

    def on_train_batch_end(self, batch, logs=None):
        if self.model.optimizer.iterations == self.step:
            signal.raise_signal(signal.SIGINT)


def straight_and_resumed(tmp_path, make, *, step, epochs=8, **options):
    """Trains with callbacks straight through, and interrupted after a step.

    Args:
        make: Makes the callbacks, whose files lie in a folder.
        step: The step of the interruption.
        epochs: Of both runs.

    Returns:
        The folders, runs and callbacks of both.
    """
    results = []
    for name in ("whole", "cut"):
        folder = tmp_path / name
        (folder / "files").mkdir(parents=True)
        asked = PLAIN | options | {"epochs": epochs, "output": folder / "run"}
        keras.utils.clear_session()  # layers are numbered anew, as in a new process
        if name == "cut":
            with pytest.raises(KeyboardInterrupt):
                zoo.train("mlp", callbacks=[*make(folder), Interrupt(step)], **asked)
        keras.utils.clear_session()
        callbacks = [*make(folder), Interrupt(-1)]
        run = zoo.train("mlp", callbacks=callbacks, resume=True, **asked)
        results.append((folder, run, callbacks))
    return results


def assert_same(first, second):
    (folder, run, _), (other_folder, other, _) = first, second
    del run.history["seconds"], other.history["seconds"]
    assert run.history == other.history
    a, b = last(folder / "run"), last(other_folder / "run")
    assert a.progress.best_epoch == b.progress.best_epoch
    for x, y in zip([*a.variables, *a.best], [*b.variables, *b.best], strict=True):
        np.testing.assert_array_equal(x, y)
    for path in (folder / "files").iterdir():
        if path.suffix == ".csv":
            assert path.read_text() == (other_folder / "files" / path.name).read_text()
        else:
            loaded = [
                keras.saving.load_model(each).get_weights()
                for each in (path, other_folder / "files" / path.name)
            ]
            for x, y in zip(*loaded, strict=True):
                np.testing.assert_array_equal(x, y)


def of_keras(folder):
    files = folder / "files"
    return [
        stock.ReduceLROnPlateau("val_loss", patience=1, min_delta=0.1, cooldown=1),
        stock.EarlyStopping("val_loss", patience=4, min_delta=0.1, verbose=1),
        stock.ModelCheckpoint(str(files / "best.keras"), save_best_only=True),
        stock.ModelCheckpoint(str(files / "steps.keras"), save_freq=7),
        stock.CSVLogger(str(files / "log.csv")),
        stock.LambdaCallback(),
        stock.TerminateOnNaN(),
    ]


def scheduled(folder):
    return [
        stock.LearningRateScheduler(lambda epoch, rate: 0.9 * rate),
        stock.History(),
        stock.TensorBoard(str(folder / "tensorboard"), update_freq="batch"),
        stock.EarlyStopping("val_loss", restore_best_weights=True, patience=9),
        EarlyStopping("val_loss", restore_best_weights=True, patience=9),
        GradientMonitor((np.ones((2, 4), "float32"), np.array([0, 1])), verbose=0),
    ]


# As in `fit`, nobody closes the file of a CSVLogger whose training was cut.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "step"),
    [(of_keras, 13), (scheduled, 13), (of_keras, 15), (of_keras, 3), (scheduled, 10)],
)
def test_what_callbacks_hold_survives_a_resume(tmp_path, capsys, make, step):
    whole, cut = straight_and_resumed(tmp_path, make, step=step)
    assert_same(whole, cut)
    assert "anew" not in capsys.readouterr().err
    rates = [float(run.model.optimizer.learning_rate) for _, run, _ in (whole, cut)]
    assert rates[0] == rates[1] < 0.1
    if make is of_keras:
        assert len(whole[1].history["loss"]) < 8, "it must stop early"
        assert whole[2][1].wait == cut[2][1].wait > 0
    else:
        for a, b in zip(whole[2][1:], cut[2][1:], strict=True):
            for key in ("best", "best_epoch", "wait", "history", "_global_train_batch"):
                assert getattr(a, key, 0) == getattr(b, key, 0), key
            for x, y in zip(
                getattr(a, "best_weights", []),
                getattr(b, "best_weights", []),
                strict=True,
            ):
                np.testing.assert_array_equal(x, y)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="a step of it")
@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_a_model_of_another_precision_resumes_to_the_bit(tmp_path, dtype):
    def model():
        keras.utils.clear_session()
        keras.utils.set_random_seed(0)
        options = {"dtype": dtype}
        hidden = keras.layers.Dense(8, activation="tanh", **options)
        layers = [hidden, keras.layers.Dropout(0.3), keras.layers.Dense(3, **options)]
        return keras.Sequential([keras.Input((4,)), *layers], name="mine")

    asked = {"dataset": "iris", "epochs": 3} | PLAIN
    del asked["overrides"]
    found = []
    for step, name in ((-1, "whole"), (7, "cut")):
        stop = EarlyStopping("val_loss", restore_best_weights=True, patience=9)
        again = EarlyStopping("val_loss", restore_best_weights=True, patience=9)
        asked["output"] = tmp_path / name
        with contextlib.suppress(KeyboardInterrupt):
            zoo.train(model(), callbacks=[stop, Interrupt(step)], **asked)
        callbacks = [again, Interrupt(-1)]
        run = zoo.train(model(), callbacks=callbacks, resume=True, **asked)
        held = last(tmp_path / name)
        assert held.progress.epoch == 3
        found.append([*held.variables, *held.best, *run.model.get_weights()])
        assert run.model.weights[0].dtype == dtype
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="JAX refuses it")
def test_a_layer_that_draws_without_a_seed_of_its_own_resumes_to_the_bit(tmp_path):
    class Noise(keras.layers.Layer):
        def call(self, x, training=False):
            return x + keras.random.normal(keras.ops.shape(x)) if training else x

    def model():
        keras.utils.set_random_seed(0)
        return keras.Sequential([keras.Input((4,)), Noise(), keras.layers.Dense(3)])

    asked = {"dataset": "iris", "epochs": 2, "output": tmp_path / "cut"} | PLAIN
    del asked["overrides"]
    whole = model()
    whole.name = "mine"
    zoo.train(whole, **asked | {"output": tmp_path / "whole"})
    cut = model()
    cut.name = "mine"
    with pytest.raises(KeyboardInterrupt):
        zoo.train(cut, callbacks=[Interrupt(3)], **asked)
    again = model()
    again.name = "mine"
    keras.random.normal((1,))  # what else a process may draw
    zoo.train(again, callbacks=[Interrupt(-1)], resume=True, **asked)
    for a, b in zip(whole.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_lines_after_the_last_checkpoint_are_written_once(tmp_path):
    """A killed process has logged epochs that a resumed one trains again."""
    options = PLAIN | {"output": tmp_path / "r"}

    def logger():
        return stock.CSVLogger(str(tmp_path / "log.csv"))

    zoo.train("mlp", epochs=2, callbacks=[logger()], **options)
    with (tmp_path / "log.csv").open("a") as file:
        file.write("2,0,0,0,0\n")
    zoo.train("mlp", epochs=3, callbacks=[logger()], resume=True, **options)
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert [line.partition(",")[0] for line in lines] == ["epoch", "0", "1", "2"]


class Count(keras.callbacks.Callback):
    """Keeps its state: whatever it is given."""

    def __init__(self, state):
        super().__init__()
        self.state = state

    def get_state(self):
        return self.state

    def set_state(self, state):
        self.state = state


@pytest.mark.parametrize(
    "value",
    [
        {"best": np.float32(0.1), "wait": np.int64(3), "empty": None},
        {3: [1, (2.5, "x"), {4}], (1, 2): float("inf")},
        [np.arange(6).reshape(2, 3), np.array(["a"]), np.float32(1) / np.float32(3)],
        collections.OrderedDict(a=True),
        [keras.ops.convert_to_numpy(keras.ops.cast([1.5, 0.1], "bfloat16"))],
        keras.ops.convert_to_numpy(keras.ops.cast([448.0], "float8_e4m3fn"))[0],
    ],
)
def test_a_state_comes_back_as_it_was(value):
    arrays = []
    back = unpack(pack(value, arrays), arrays)
    np.testing.assert_equal(back, value)
    assert keras.tree.map_structure(type, back) == keras.tree.map_structure(
        type, dict(value) if isinstance(value, dict) else value
    )


@pytest.mark.parametrize(
    ("state", "place"),
    [
        ({"best": object()}, r"a object at \['best'\]"),
        ([Path("x")], r"a PosixPath at \[0\]"),
        (np.array([None]), "an array of object"),
        (collections.deque([1]), "a deque"),
        (np.zeros(1, [("a", "f4")]), r"an array of \[\('a', '<f4'\)\]"),
    ],
)
def test_a_state_that_no_file_holds_is_refused_before_the_first_step(
    tmp_path, state, place
):
    steps = []
    look = stock.LambdaCallback(on_train_batch_end=lambda b, logs: steps.append(b))
    with pytest.raises(RunError, match=f"state of .*Count holds {place}, which") as e:
        zoo.train("mlp", output=tmp_path / "r", callbacks=[Count(state), look], **PLAIN)
    assert not steps
    assert "\n" not in str(e.value)


class Foreign(keras.callbacks.Callback):
    """Has a state, and nothing to read it with."""

    def __init__(self):
        super().__init__()
        self.seen = 0

    def on_epoch_end(self, epoch, logs=None):
        self.seen += 1


class Stateless(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.limit = 3


@pytest.mark.slow
def test_states_are_matched_by_class_and_name_and_what_does_not_match_is_said(
    tmp_path, capsys
):
    options = PLAIN | {"output": tmp_path / "r"}

    def stops():
        return [EarlyStopping("val_loss", patience=9), stock.EarlyStopping(patience=9)]

    def accuracy():
        return EarlyStopping("val_accuracy", patience=9)

    plateau = stock.ReduceLROnPlateau()
    first = [*stops(), accuracy(), Foreign(), Stateless(), plateau]
    zoo.train("mlp", epochs=2, callbacks=first, **options)
    capsys.readouterr()
    again = [stock.CSVLogger(str(tmp_path / "x.csv")), accuracy(), Stateless()]
    again += [Foreign(), *stops()[::-1]]
    zoo.train("mlp", epochs=2, callbacks=again, resume=True, **options)
    by_name = dict(zip(names(first), first, strict=True))
    for name, callback in zip(names(again), again, strict=True):
        if "EarlyStopping" in name:
            assert callback.best == by_name[name].best
    lines = capsys.readouterr().err.splitlines()[1:]
    module = Foreign.__module__
    assert lines == [
        "keras.callbacks.CSVLogger is not in the checkpoint, so it starts anew.",
        f"{module}.Foreign has no get_state() and set_state(state), so a resumed run "
        "starts its seen anew.",
        "keras.callbacks.ReduceLROnPlateau(val_loss) is in the checkpoint but not in "
        "this run; it is dropped.",
    ]


def test_a_subclass_of_a_callback_of_keras_keeps_what_its_base_holds():
    class Mine(stock.ReduceLROnPlateau):
        def __init__(self):
            super().__init__()
            self.extra = 0

    callback = Mine()
    states = CallbackStates([callback])
    states.start()
    callback.wait, callback.min_delta, callback.extra = 3, -1e-4, 1
    ((name, held),) = states.read().items()
    assert held["state"]["wait"] == 3
    assert held["lost"] == ["extra"]
    other = Mine()
    CallbackStates([other]).restore({name: held})
    assert other.wait == 3


class Holds(keras.callbacks.Callback):
    """Holds what changes, each in another way, and what does not."""

    def __init__(self):
        super().__init__()
        self.kept, self.function, self.place = object(), repr, None
        self.last = collections.deque([1], 3)
        self.draws = np.random.default_rng(0)


def change(callback):
    callback.place = keras.layers.Dense(3)
    callback.last.append(2)
    callback.draws.random()


def test_whatever_a_callback_holds_is_said_to_be_lost_where_it_changes():
    callback = Holds()
    states = CallbackStates([callback])
    states.start()
    ((_, held),) = states.read().items()
    assert held["lost"] == []
    change(callback)
    ((_, held),) = states.read().items()
    assert sorted(held["lost"]) == ["draws", "last", "place"]


@pytest.mark.parametrize(
    ("callback", "message"),
    [
        (stock.BackupAndRestore("x"), "BackupAndRestore would load its own backup"),
        (stock.SwapEMAWeights(), "SwapEMAWeights needs an average.*give `ema`"),
    ],
)
def test_what_a_run_cannot_do_is_refused(tmp_path, callback, message):
    with pytest.raises(ArgumentError, match=f"`callbacks`: {message}"):
        zoo.train("mlp", output=tmp_path / "r", callbacks=[callback], **PLAIN)
    assert not (tmp_path / "r").exists()


class Record(keras.callbacks.Callback):
    """Records each call that `fit` makes; may stop at one of them."""

    def __init__(self, stop_at=None):
        super().__init__()
        self.calls = []
        self.stop_at = stop_at


def recorded(hook):
    def call(self, *arguments, **named):
        values = [*arguments, *named.values()]
        place = [value for value in values if isinstance(value, int)]
        logs = [sorted(value) for value in values if isinstance(value, dict)]
        self.calls.append((hook, place, [each for each in logs if each]))
        assert self.model is not None
        if self.stop_at == (hook, *place):
            self.model.stop_training = True

    return call


for hook in (
    *("on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end"),
    *("on_train_batch_begin", "on_train_batch_end", "on_test_begin", "on_test_end"),
    *("on_test_batch_begin", "on_test_batch_end", "on_batch_begin", "on_predict_begin"),
):
    setattr(Record, hook, recorded(hook))


@pytest.mark.slow
@pytest.mark.parametrize(
    "stop_at",
    [
        None,
        ("on_train_batch_end", 2),
        *(
            pytest.param(place, marks=pytest.mark.slow)
            for place in (
                ("on_epoch_end", 0),
                ("on_train_begin",),
                ("on_epoch_begin", 1),
                ("on_test_end",),
            )
        ),
    ],
)
def test_hooks_come_as_in_fit(tmp_path, stop_at):
    ours, theirs = Record(stop_at), Record(stop_at)
    run = zoo.train(
        "mlp", epochs=2, batch_size=16, output=tmp_path / "r", callbacks=[ours], **PLAIN
    )
    data = zoo.load_dataset("iris")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    accuracy = keras.metrics.SparseCategoricalAccuracy("accuracy")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, metrics=[accuracy])
    history = model.fit(
        *(data.train.x, data.train.y),
        epochs=2,
        batch_size=16,
        verbose=0,
        validation_data=(data.validation.x, data.validation.y),
        validation_batch_size=256,
        callbacks=[theirs],
    )
    assert ours.params == theirs.params | {"verbose": 1}
    with_seconds = [*theirs.calls[:-1]]
    assert ours.calls[:-1] == with_seconds
    assert ours.calls[-1][:2] == theirs.calls[-1][:2]
    assert len(run.history["loss"]) == len(history.epoch)
    assert run.model.history.epoch == history.epoch
    assert run.model.history.history.keys() == history.history.keys()


def test_a_run_that_a_callback_stopped_is_over(tmp_path, capsys):
    """What has trained a part of an epoch cannot go on as if it had trained it all."""
    options = PLAIN | {"batch_size": 16, "epochs": 3, "output": tmp_path / "r"}
    stop = Record(("on_train_batch_end", 2))
    run = zoo.train("mlp", callbacks=[stop], **options)
    assert last(tmp_path / "r").progress.is_stopped
    assert int(run.model.optimizer.iterations) == 3
    again = zoo.train("mlp", resume=True, **options)
    assert again.history == run.history
    assert "A callback stopped the training in epoch 1" in capsys.readouterr().err
    assert again.metrics == run.metrics


class Odd(keras.callbacks.Callback):
    """Has the attributes of other callbacks, with other meanings, and spoils logs."""

    def __init__(self):
        super().__init__()
        self.mode, self.monitor, self.name = "auto", object(), self.__init__

    def on_epoch_end(self, epoch, logs=None):
        logs["note"], logs["array"], logs["rate"] = "warm", np.ones(2), np.float32(0.5)
        del logs["loss"]


def test_odd_logs_and_attributes_do_no_harm(tmp_path):
    run = zoo.train("mlp", output=tmp_path / "r", callbacks=[Odd()], epochs=1, **PLAIN)
    assert run.history["rate"] == [0.5]
    assert run.history.keys().isdisjoint({"note", "array", "loss"})
    assert run.model.history.history["note"] == ["warm"]
    assert names([Odd()]) == [f"{Odd.__module__}.Odd"]


def test_a_state_that_a_callback_does_not_take(tmp_path):
    asked = PLAIN | {"epochs": 1, "output": tmp_path / "r"}
    zoo.train("mlp", callbacks=[Count({})], **asked)
    other = Count({})
    other.set_state = lambda state: state["gone"]
    with pytest.raises(RunError, match="Count does not take its state .*KeyError: 'go"):
        zoo.train("mlp", callbacks=[other], resume=True, **asked)


@pytest.mark.slow
def test_a_progress_bar_of_keras(tmp_path, capsys):
    callbacks = [stock.ProgbarLogger()]
    zoo.train("mlp", epochs=1, output=tmp_path / "r", callbacks=callbacks, **PLAIN)
    assert "val_loss" in capsys.readouterr().out
