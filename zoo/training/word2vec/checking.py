"""Whether a recipe is one that word2vec's training knows."""

import keras

from zoo.config import Config
from zoo.datasets import Dataset
from zoo.errors import ArgumentError
from zoo.machines.devices import Devices


def check_words(
    config: Config, model: keras.Model, data: Dataset, devices: Devices
) -> None:
    """Checks that the vectors of words can be trained so.

    Raises:
        ArgumentError: If a recipe has what is for samples, another optimizer, or other
            devices.
    """
    recipe = config.recipe
    name, arguments = recipe.optimizer
    if name != "SGD" or set(arguments) - {"learning_rate"}:
        raise ArgumentError(
            "`optimizer`: word vectors are trained by plain SGD; give its "
            f"--learning-rate alone. Received: {name} with {sorted(arguments)}"
        )
    if devices.name != "cpu":
        raise ArgumentError("Word vectors are trained on the CPU; give --strategy cpu.")
    if keras.backend.backend() != "tensorflow":
        raise ArgumentError("Word vectors are trained with the TensorFlow backend.")
    for key in ("augmentation", "metrics", "loss"):
        if getattr(recipe, key):
            raise ArgumentError(
                f"`{key}` is for samples and their targets; word vectors are learned "
                "from running text: leave it out."
            )
    if config.mixed_precision:
        raise ArgumentError("`mixed_precision` is not for word vectors; leave it out.")
    layers = {layer.name for layer in model.layers}
    if not {"embedding", "scores"} <= layers:
        raise ArgumentError(
            f"Model {model.name!r} has no layers `embedding` and `scores`, as "
            "`zoo.models.text.word2vec` makes them; train it with model.fit."
        )
