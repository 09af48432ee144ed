"""Whether a monitored metric is minimized or maximized, wherever that decides."""

import dataclasses
import inspect
import math

import keras
import numpy as np
import optuna
import pytest

import zoo
from custom_layers.callbacks import EarlyStopping
from zoo import tasks
from zoo.errors import ArgumentError
from zoo.runs.summary import summary
from zoo.training.checkpoint import Progress
from zoo.training.direction import mode_of
from zoo.tuning.search import Search

FORECASTER = {
    "overrides": {"units": 4},
    "encoding": {"window": 24, "horizon": 3},
    "epochs": 3,
    "jit": "off",
}


def constructible():
    for cls in vars(keras.metrics).values():
        if inspect.isclass(cls) and issubclass(cls, keras.metrics.Metric):
            try:
                yield cls(name="metric")
            except TypeError:
                continue


@pytest.mark.parametrize(
    "metric", list(constructible()), ids=lambda m: type(m).__name__
)
def test_it_is_that_of_the_callbacks_of_keras(metric):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse", metrics=[metric])
    model._compile_metrics.build(np.ones((2, 2)), np.ones((2, 2)))
    ours, theirs = (cls("val_metric") for cls in (EarlyStopping, _Stock))
    for callback in (ours, theirs):
        callback.set_model(model)
    try:
        theirs._set_monitor_op()
    except ValueError:
        assert mode_of("val_metric", [metric]) is None
        with pytest.raises(ValueError, match="pass `mode="):
            ours._comparison()
    else:
        is_min = theirs.monitor_op is keras.ops.less
        assert mode_of("val_metric", [metric]) == ("min" if is_min else "max")
        assert ours._comparison() is theirs.monitor_op


_Stock = keras.callbacks.EarlyStopping


@pytest.mark.parametrize("task", tasks.list_tasks())
def test_every_metric_of_a_task_declares_it(task):
    task = tasks.get(task)
    for name in ("loss", *(metric.name for metric in task.metrics())):
        assert mode_of(f"val_{name}", task.metrics()) is not None
    assert mode_of(task.monitor, task.metrics())


class Spoil(keras.callbacks.Callback):
    """Makes the second epoch a bad one, and the third as well."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            for weight in self.model.trainable_weights:
                weight.assign(weight * -50.0)


@pytest.mark.slow
def test_the_epoch_of_the_lowest_error_is_kept_and_summarized(tmp_path):
    seen = []
    look = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(look.model.get_weights())
    )
    run = zoo.train(
        "forecaster",
        monitor="val_rmse",
        patience=0,
        callbacks=[Spoil(), look],
        output=tmp_path / "r",
        **FORECASTER,
    )
    rmse = run.history["val_rmse"]
    assert rmse[0] < rmse[1]
    assert len(rmse) == 2, "patience must count the second epoch as a worse one"
    for kept, wanted in zip(run.model.get_weights(), seen[0], strict=True):
        np.testing.assert_array_equal(kept, wanted)
    assert summary(tmp_path / "r").best == rmse[0]
    assert summary(tmp_path / "r").mode == "min"


@pytest.mark.parametrize(
    ("mode", "rows", "best"),
    [
        ("min", [3.0, 1.0, 2.0], 2),
        ("max", [3.0, 1.0, 2.0], 1),
        ("min", [math.nan, 2.0, 3.0], 2),
        ("max", [math.nan, 2.0, math.nan], 2),
        ("min", [1.0, 1.0], 2),
    ],
)
def test_the_best_epoch(mode, rows, best):
    progress = Progress()
    for value in rows:
        progress.finish_epoch({"m": value}, "m", mode)
    assert progress.best_epoch == best


class Undirected(keras.metrics.Mean):
    """A metric of a user that declares no direction."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(keras.ops.abs(y_true - y_pred[..., 0]))


def test_an_unknown_one_has_to_be_given(tmp_path):
    options = FORECASTER | {"metrics": [Undirected("own")], "output": tmp_path / "r"}
    with pytest.raises(ArgumentError, match="`mode`: whether 'val_own' is to be mini"):
        zoo.train("forecaster", monitor="val_own", **options)
    for callback in (
        keras.callbacks.ReduceLROnPlateau("val_own"),
        EarlyStopping("val_own"),
    ):
        with pytest.raises(
            ArgumentError, match=rf"{type(callback).__name__}, `mode`: whether 'val_own"
        ):
            zoo.train("forecaster", schedule=None, callbacks=[callback], **options)
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    ("monitor", "mode", "wanted"),
    [
        ("val_rmse", None, optuna.study.StudyDirection.MINIMIZE),
        ("val_rmse", "max", optuna.study.StudyDirection.MAXIMIZE),
    ],
)
def test_a_search_goes_that_way(tmp_path, monkeypatch, monitor, mode, wanted):
    spec = zoo.model_spec("forecaster")
    recipe = dataclasses.replace(spec.recipe, monitor=monitor, mode=mode)
    monkeypatch.setattr(
        "zoo.training.resolve.model_spec",
        lambda name: dataclasses.replace(spec, recipe=recipe),
    )
    search = Search(
        *("forecaster", None, 1, 0, tmp_path / "s.db", None, tmp_path / "o", "tpe"),
        {"window": 24, "horizon": 3},
        {},
    )
    with search:
        assert search.study.direction is wanted
