"""Self-supervised learning: an encoder that learns from a pretext task, no labels."""

from typing import Any

import keras
import numpy as np

from zoo.components import make
from zoo.datasets import Dataset, Split
from zoo.tasks import reconstruction, register_task
from zoo.tasks.class_ids import keep_class_ids
from zoo.tasks.task import Config, Task

ENCODER = "encoder"
_BATCH = 256
_MOST = 2_000  # samples that the pretext loss is measured on
_LABELLED = 1_000  # samples that a probe learns from
_PROBED = 10_000  # samples that it is tested on


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Keeps images, and class ids for the probe; see `keep_class_ids`."""
    return keep_class_ids(data, "self_supervised")


def outputs(model: keras.Model) -> dict[str, Any]:
    """The `features` of the encoder."""
    return {"features": _features(model)(model.input)}


def pretext_loss(model: keras.Model, split: Split) -> dict[str, float]:
    """Loss with the masks, views or noise of training, which inference leaves out."""
    loss = model.loss if model.compiled else None
    function = loss or make("loss", TASK.loss)
    x, y = split.x[:_MOST], split.y[:_MOST]
    total = 0.0
    for start in range(0, len(x), _BATCH):
        part = slice(start, start + _BATCH)
        total += float(function(y[part], model(x[part], training=True))) * len(y[part])
    return {"pretext_loss": total / len(x)}


def epoch_scores(model: keras.Model, data: Dataset) -> dict[str, float]:
    """The pretext loss of the validation split."""
    return pretext_loss(model, data.validation)


def scores(model: keras.Model, data: Dataset) -> dict[str, float]:
    """The accuracy of a linear probe on the features, where there are labels.

    It is a logistic regression that learns from a thousand training samples.
    """
    if not data.labels:
        return {}
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features = _features(model)
    known, asked = (
        features.predict(x, batch_size=_BATCH, verbose=0)
        for x in (data.train.x[:_LABELLED], data.test.x[:_PROBED])
    )
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    probe.fit(known, data.train.y[:_LABELLED])
    return {
        "probe_accuracy": float(np.mean(probe.predict(asked) == data.test.y[:_PROBED]))
    }


def _features(model: keras.Model) -> keras.Model:
    """The encoder with its last output alone."""
    encoder = model.get_layer(ENCODER)
    return keras.Model(encoder.inputs, encoder.outputs[-1], name=ENCODER)


TASK = Task(
    name="self_supervised",
    loss=("OutputLoss", {}),
    metrics=list,
    monitor="val_pretext_loss",
    prepare=prepare,
    fixed_by_data=reconstruction.fixed_by_data,
    fixed_in_model=reconstruction.fixed_in_model,
    outputs=outputs,
    epoch_scores=epoch_scores,
    more_scores=scores,
    headline="probe_accuracy",
)
register_task(TASK)
