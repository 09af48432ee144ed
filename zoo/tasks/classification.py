"""Classification of images, measurements, or sentences."""

from typing import Any

import keras
from keras import ops

from custom_layers.activations import softmax
from zoo.datasets import Dataset
from zoo.errors import DatasetError
from zoo.tasks import averages, register_task, samples, sentences
from zoo.tasks.assessment import assess_classes
from zoo.tasks.baselines import commonest_class
from zoo.tasks.mismatch import wrong_task
from zoo.tasks.task import Config, Task


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Leaves numbers as they are, and encodes sentences as token ids.

    Args:
        data: Labelled samples; texts are an array of strings.
        encoding: Of sentences, see `WordEncoding`.
    """
    if data.task == "reconstruction":
        for finding in data.findings:
            if finding.kind == "table_beside":
                raise DatasetError(f"{data.name} has no labels; {finding}")
        raise DatasetError(
            f"Dataset {data.name!r} has no labels; put the samples of each class into "
            "a sub-folder or name them in `y`, or train an autoencoder such as "
            "conv_autoencoder."
        )
    if data.task != "classification":
        raise wrong_task(data, "it has no classes to learn")
    if data.train.x.dtype != object:
        return data
    return sentences.encode(data, encoding)


def fixed_by_data(data: Dataset) -> Config:
    """Number of classes, and what the samples decide."""
    return samples.of_data(data) | {"num_classes": data.num_classes}


def fixed_in_model(model: keras.Model) -> Config:
    """The same of a built model."""
    return samples.of_model(model) | {"num_classes": model.output_shape[-1]}


def outputs(model: keras.Model) -> dict[str, Any]:
    """`probabilities`, and the most probable class in `class_ids`."""
    logits = model.output
    # Not `ops.argmax`: it reinterprets the bits of floats, which ONNX cannot.
    _, best = ops.top_k(logits, k=1)
    return {
        "probabilities": softmax(logits),
        "class_ids": ops.cast(ops.squeeze(best, axis=-1), "int64"),
    }


TASK = Task(
    name="classification",
    loss=("SparseCategoricalCrossentropy", {"from_logits": True}),
    metrics=lambda: [keras.metrics.SparseCategoricalAccuracy("accuracy")],
    monitor="val_accuracy",
    prepare=prepare,
    fixed_by_data=fixed_by_data,
    fixed_in_model=fixed_in_model,
    outputs=outputs,
    average=averages.mean_probabilities,
    assess=assess_classes,
    baseline=commonest_class,
    encoding=sentences.WordEncoding,
    choose=sentences.choose,
    losses=sentences.losses,
    raw="logits",
    names={"class_ids": "label"},
)
register_task(TASK)
