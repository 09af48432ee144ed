"""Adversarial generation: models that draw samples like those of the data."""

from typing import Any

import keras
import numpy as np

from custom_layers import AdversarialScores
from zoo.datasets import Dataset
from zoo.errors import ArgumentError
from zoo.tasks import reconstruction, register_task, sample_quality
from zoo.tasks.class_ids import keep_class_ids
from zoo.tasks.task import Config, Task


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Keeps images and class ids; see `keep_class_ids`."""
    return keep_class_ids(data, "adversarial")


def fixed_by_data(data: Dataset) -> Config:
    """Shape of a sample, the maximum that is scaled to 1, and the number of classes."""
    fixed = reconstruction.fixed_by_data(data)
    return fixed | {"num_classes": max(1, data.num_classes)}


def fixed_in_model(model: keras.Model) -> Config:
    """The shape in a built model, and the classes of a conditional game."""
    fixed, game = reconstruction.fixed_in_model(model), game_of(model)
    return fixed | ({"num_classes": game.classes} if game.is_conditional else {})


def game_of(model: keras.Model) -> AdversarialScores:
    """Returns the layer that holds generator and discriminator.

    Raises:
        ArgumentError: If the model has none.
    """
    found = [each for each in model.layers if isinstance(each, AdversarialScores)]
    if not found:
        raise ArgumentError(
            f"Model {model.name!r} has no generator; `zoo list --task adversarial` and "
            "`zoo list --task generation` show models that have one."
        )
    return found[0]


def outputs(model: keras.Model) -> dict[str, Any]:
    """The discriminator's `score`, for each class of a conditional game."""
    game = game_of(model)
    return {"score": game.discriminator(game.input)}


def draw_samples(model: keras.Model, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Generates samples of fixed codes.

    Returns:
        Samples of values between 0 and 1, and the class id that each was generated
        for; zeros where the generator is not conditioned on one.
    """
    game = game_of(model)
    generator = np.random.default_rng(0)
    latents = game.generator.inputs[0].shape[-1]
    codes = generator.standard_normal((count, latents), "float32")
    class_ids = np.arange(count) % game.classes
    given = [codes, class_ids] if game.is_conditional else codes
    return game.generator.predict(given, batch_size=256, verbose=0), class_ids


def epoch_scores(model: keras.Model, data: Dataset) -> dict[str, float]:
    """The Frechet distance of generated samples to those of the validation split."""
    count = min(len(data.validation.x), sample_quality.MOST)
    generated, _ = draw_samples(model, count)
    return sample_quality.distance(generated, data.validation.x[:count], data)


def scores(model: keras.Model, data: Dataset) -> dict[str, float]:
    """Quality of as many generated samples as the test split has, beside anchors."""
    count = min(len(data.test.x), sample_quality.MOST)
    generated, class_ids = draw_samples(model, count)
    wanted = class_ids if game_of(model).is_conditional else None
    return sample_quality.quality(generated, data, wanted)


TASK = Task(
    name="adversarial",
    loss=("AdversarialLoss", {}),
    metrics=list,
    monitor="val_frechet_distance",
    prepare=prepare,
    fixed_by_data=fixed_by_data,
    fixed_in_model=fixed_in_model,
    outputs=outputs,
    epoch_scores=epoch_scores,
    more_scores=scores,
    headline="frechet_distance",
)
register_task(TASK)
