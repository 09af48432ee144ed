"""Generation: models of latent variables, trained on the evidence lower bound."""

import dataclasses
import math
from typing import Any

import keras
from keras import ops

from custom_layers.activations import sigmoid
from custom_layers.losses import EvidenceLowerBound
from zoo.datasets import Dataset
from zoo.tasks import reconstruction, register_task
from zoo.tasks.likelihood import log_likelihood
from zoo.tasks.task import Config, Selection, Task

_BATCH = 1000  # samples that are scored together


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Makes the samples their own targets, scaled to a maximum of 1.

    A value between 0 and 1 is taken as the probability of a white pixel.

    Args:
        data: Samples of numbers, 0 and above, such as pixels.
        encoding: Empty.
    """
    if data.task == "generation":
        return data
    prepared = reconstruction.prepare(data, encoding)
    return dataclasses.replace(prepared, task="generation")


def outputs(model: keras.Model) -> dict[str, Any]:
    """`reconstruction` from the mean; mean (`code`) and `log_variance` of the code."""
    shape = model.input_shape[1:]
    logits = model.output[:, : math.prod(shape)]
    return {
        "reconstruction": ops.reshape(sigmoid(logits), (-1, *shape)),
        "code": model.get_layer("code").output,
        "log_variance": model.get_layer("log_variance").output,
    }


def elbo(model: keras.Model, data: Dataset) -> dict[str, float]:
    """The evidence lower bound in nats per sample, with one sample of each code.

    A training loss of the validation or test split takes the mean code instead, which
    makes it a little smaller.
    """
    x, y = data.test
    bound = EvidenceLowerBound(reduction="sum")
    total = 0.0
    for start in range(0, len(y), _BATCH):
        part = slice(start, start + _BATCH)
        total += float(bound(y[part], model(x[part], training=True)))
    return {"elbo": -total / len(y)}


def scores(model: keras.Model, data: Dataset) -> dict[str, float]:
    """The evidence lower bound, and the log-likelihood by importance sampling."""
    return elbo(model, data) | log_likelihood(model, data)


TASK = Task(
    name="generation",
    loss=("EvidenceLowerBound", {}),
    metrics=list,
    monitor="val_loss",
    prepare=prepare,
    fixed_by_data=reconstruction.fixed_by_data,
    fixed_in_model=reconstruction.fixed_in_model,
    outputs=outputs,
    signatures={
        "encode": Selection(
            ("code", "log_variance"), "samples to mean and log variance of their codes"
        ),
        "reconstruct": Selection(
            ("reconstruction",), "samples to reconstructions from the mean code"
        ),
    },
    more_scores=scores,
    headline="elbo",
)
register_task(TASK)
