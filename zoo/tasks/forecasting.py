"""Forecasting of the next values of a series."""

import dataclasses
import shlex
from typing import Any

import keras
import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from zoo.datasets import Dataset, Split
from zoo.errors import DatasetError
from zoo.tasks import averages, register_task
from zoo.tasks.encoding import Encoding
from zoo.tasks.mismatch import wrong_task
from zoo.tasks.task import Config, Task
from zoo.validation import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SeriesEncoding(Encoding):
    """How a series becomes windows."""

    window: int = Field(168, ge=1, description="Past values that are read.")
    horizon: int = Field(24, ge=1, description="Next values that are forecast.")
    period: int = Field(
        24, ge=1, description="Values of a season, for the naive forecast."
    )


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Cuts a series into windows of past values, and the next ones as targets.

    A window may reach back into the split before; its targets do not.

    Args:
        data: A series, its splits one after the other; or an array of several.
        encoding: `window`: past values that are read; `horizon`: values to
            forecast; `period`: values of a season, for the seasonal naive forecast.
    """
    if data.task != "forecasting":
        column = data.targets[-1] if data.targets else "column"
        table = data.name if data.columns else "table.csv"
        series = shlex.quote(f"{table}:{column}")
        raise wrong_task(data, f"a forecaster needs a series, such as {series}")
    if data.train.x.ndim == 3:
        return data
    window, horizon, period = (encoding[k] for k in ("window", "horizon", "period"))
    series = [_series(split.x) for split in data.splits.values()]
    cut = [
        _cut(data.name, train, validation, test, window, horizon)
        for train, validation, test in zip(*series, strict=True)
    ]
    splits = {
        name: Split(*map(np.concatenate, zip(*parts, strict=True)))
        for name, parts in zip(data.splits, zip(*cut, strict=True), strict=True)
    }
    if not period <= window:
        raise DatasetError(
            f"A season of {period} values does not fit into a window of {window}."
        )
    changes = [np.abs(train[period:] - train[:-period]) for train in series[0]]
    scale = float(np.concatenate(changes).mean())
    if scale == 0:
        raise DatasetError(
            f"Dataset {data.name!r} repeats itself every {period} values, so its "
            "errors have no scale; choose another `period` in the `encoding`."
        )
    facts = {"period": period, "scale": scale}
    return dataclasses.replace(data, facts=facts, **splits)


def _series(x: np.ndarray) -> list[np.ndarray]:
    return list(x) if x.dtype == object else [x]


def _cut(
    name: str,
    train: np.ndarray,
    validation: np.ndarray,
    test: np.ndarray,
    window: int,
    horizon: int,
) -> list[Split]:
    """Windows of the three splits of one series."""
    before = np.concatenate([train, validation])
    parts = (
        train,
        np.concatenate([train[-window:], validation]),
        np.concatenate([before[-window:], test]),
    )
    return [_windows(name, values, window, horizon) for values in parts]


def _windows(name: str, values: np.ndarray, window: int, horizon: int) -> Split:
    if len(values) < window + horizon:
        raise DatasetError(
            f"Dataset {name!r} has a split of {len(values)} values; one window and "
            f"its targets take {window + horizon}: choose a smaller `window` and "
            "`horizon` in the `encoding`, or add values."
        )
    rows = np.lib.stride_tricks.sliding_window_view(
        values.astype("float32"), window + horizon
    )
    return Split(rows[:, :window, np.newaxis].copy(), rows[:, window:].copy())


def fixed_by_data(data: Dataset) -> Config:
    """Length of the window, and of the horizon."""
    return {"window": data.train.x.shape[1], "horizon": data.train.y.shape[1]}


def fixed_in_model(model: keras.Model) -> Config:
    """The same of a built model."""
    return {"window": model.input_shape[1], "horizon": model.output_shape[-1]}


def outputs(model: keras.Model) -> dict[str, Any]:
    """`forecast`, the values of the horizon."""
    return {"forecast": model.output}


def naive(x: np.ndarray, horizon: int, period: int) -> np.ndarray:
    """Seasonal naive forecast: the value of one season ago.

    >>> naive(np.array([[[1.0], [2.0], [3.0]]]), horizon=3, period=2).tolist()
    [[2.0, 3.0, 2.0]]
    """
    season = x[:, -period:, 0]
    return np.stack([season[:, step % period] for step in range(horizon)], axis=1)


def scaled_errors(model: keras.Model, data: Dataset) -> dict[str, float]:
    r"""Mean absolute scaled errors, of the model and of the seasonal naive forecast.

    .. math::

        \mathrm{MASE} =
        \frac{\operatorname{mean} |y - \hat{y}|}{\operatorname{mean}_t |x_t - x_{t-m}|}

    with the training values `x` and the period `m` below the line (Hyndman and Koehler,
    2006, Another look at measures of forecast accuracy).
    """
    x, y = data.test
    period, scale = int(data.facts["period"]), data.facts["scale"]
    forecasts = {
        "mase": model.predict(x, batch_size=256, verbose=0),
        "naive_mase": naive(x, y.shape[1], period),
    }
    return {
        name: float(np.abs(y - forecast).mean()) / scale
        for name, forecast in forecasts.items()
    }


TASK = Task(
    name="forecasting",
    loss=("MeanAbsoluteError", {}),
    metrics=lambda: [keras.metrics.RootMeanSquaredError("rmse")],
    monitor="val_loss",
    prepare=prepare,
    fixed_by_data=fixed_by_data,
    fixed_in_model=fixed_in_model,
    outputs=outputs,
    average=averages.mean,
    more_scores=scaled_errors,
    encoding=SeriesEncoding,
    headline="mase",
)
register_task(TASK)
