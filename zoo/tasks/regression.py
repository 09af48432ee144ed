"""Regression: quantities of images, measurements or sentences."""

import dataclasses
from typing import Any

import keras
import numpy as np

from custom_layers import Normalization
from custom_layers.metrics import R2
from zoo.datasets import Dataset
from zoo.tasks import averages, register_task, samples, sentences
from zoo.tasks.assessment import Scores
from zoo.tasks.baselines import Baseline
from zoo.tasks.classification import fixed_in_model
from zoo.tasks.mismatch import wrong_task
from zoo.tasks.standardized_loss import StandardizedLoss
from zoo.tasks.task import Config, Task
from zoo.weights.transfer import target_scale


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Leaves numbers as they are, and encodes sentences as token ids.

    Args:
        data: Samples with quantities; texts are an array of strings.
        encoding: Of sentences, see `WordEncoding`.
    """
    if data.task != "regression":
        raise wrong_task(data, "it has no quantities to predict")
    return sentences.encode(data, encoding) if data.train.x.dtype == object else data


def fixed_by_data(data: Dataset) -> Config:
    """Number of targets, and what the samples decide."""
    return samples.of_data(data) | {"num_classes": len(data.targets)}


def outputs(model: keras.Model) -> dict[str, Any]:
    """`predictions`, in the units of the targets."""
    return {"predictions": model.output}


def head(model: keras.Model) -> keras.Model:
    r"""Adds the layer that maps standardized outputs to the units of the targets.

    .. math::

        \hat{y} = \sigma z + \mu

    with the mean and the standard deviation of the training targets.
    """
    # In low precision as well: targets may be larger than float16 goes.
    scale = Normalization(invert=True, dtype="float32", name="target_scale")
    return keras.Model(model.input, scale(model.output), name=model.name)


def inform(model: keras.Model, data: Dataset) -> None:
    """Sets mean and standard deviation of the training targets in a new model."""
    scale = target_scale(model)
    if scale is not None:
        scale.adapt(data.train.y)


def fitted(task: Task, data: Dataset) -> Task:
    """Returns the task with a loss of standardized targets, and exact metrics."""
    y = np.asarray(data.train.y, "float64")
    units = {"mean": y.mean(axis=0).tolist(), "scale": y.std(axis=0).tolist()}
    own = task.metrics is not TASK.metrics  # of a user's own model
    return dataclasses.replace(
        task,
        metrics=task.metrics if own else lambda: _metrics(**units),
        wrap_loss=lambda loss: StandardizedLoss(loss, **units),
    )


def _metrics(**units: Any) -> list[keras.Metric]:
    return [
        keras.metrics.MeanAbsoluteError("mae"),
        keras.metrics.RootMeanSquaredError("rmse"),
        R2(**units),
    ]


def more_scores(model: keras.Model, data: Dataset) -> dict[str, float]:
    r"""Errors of always predicting the mean of the training targets.

    .. math::

        \mathrm{baseline\ MAE} = \operatorname{mean} |y - \mu|, \quad
        \mathrm{baseline\ RMSE} = \sqrt{\operatorname{mean} (y - \mu)^2}
    """
    errors = data.test.y - _mean(data)
    return {
        "baseline_mae": float(np.abs(errors).mean()),
        "baseline_rmse": float(np.sqrt(np.square(errors).mean())),
    }


def assess(outputs: np.ndarray, data: Dataset, *, are_probable: bool = True) -> Scores:
    """Assesses the predictions for the test split, target by target.

    Args:
        outputs: Of shape (samples, targets).
        data: With quantities as targets.
        are_probable: Not used.

    Returns:
        No further metrics, and as details, where there are several, the `targets`:
        `name`, `mae`, `rmse` and `r2` of each, which is None of one that does not vary.
    """
    if len(data.targets) == 1:
        return Scores({}, {})
    y = np.asarray(data.test.y, "float64")
    errors = y - outputs
    squared = np.square(errors).mean(axis=0)
    shares = _determination(y, np.asarray(outputs, "float64"))
    return Scores(
        {},
        {
            "targets": [
                {
                    "name": name,
                    "mae": float(np.abs(errors[:, place]).mean()),
                    "rmse": float(np.sqrt(squared[place])),
                    "r2": None if np.isnan(shares[place]) else float(shares[place]),
                }
                for place, name in enumerate(data.targets)
            ]
        },
    )


def mean_target(data: Dataset) -> Baseline | None:
    """Always predicts the mean of the training targets."""
    y = np.asarray(data.test.y, "float64")
    shares = _determination(y, np.broadcast_to(_mean(data), y.shape))
    if np.isnan(shares).any():
        return None
    return Baseline("r2", float(shares.mean()), "always the mean of the training data")


def _mean(data: Dataset) -> np.ndarray:
    return np.asarray(data.train.y, "float64").mean(axis=0)


def _determination(y: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Coefficient of determination of each target, NaN of one that does not vary."""
    variation = np.square(y - y.mean(axis=0)).mean(axis=0)
    squared = np.square(y - predictions).mean(axis=0)
    varies = variation > 0
    return np.where(varies, 1 - squared / np.where(varies, variation, 1), np.nan)


TASK = Task(
    name="regression",
    loss=("MeanSquaredError", {}),
    metrics=_metrics,
    monitor="val_loss",
    prepare=prepare,
    fixed_by_data=fixed_by_data,
    fixed_in_model=fixed_in_model,
    outputs=outputs,
    average=averages.mean,
    encoding=sentences.WordEncoding,
    choose=sentences.choose,
    losses=sentences.losses,
    head=head,
    inform=inform,
    fitted=fitted,
    more_scores=more_scores,
    assess=assess,
    baseline=mean_target,
    headline="r2",
)
register_task(TASK)
