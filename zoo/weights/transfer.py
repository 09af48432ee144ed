"""Transfer learning: a new head, frozen layers, features."""

import fnmatch
from collections.abc import Sequence
from typing import Any

import keras

from custom_layers import Normalization
from zoo.errors import ArgumentError, WeightsError

HEAD = "logits"
ENCODER = "encoder"


def copy_weights(source: keras.Model, target: keras.Model) -> None:
    """Copies all weights, except those of a head of another size.

    The scale of targets behind the head of a regression is copied where both have one.

    Raises:
        WeightsError: If a layer below the head has another size.
    """
    given, wanted = _weighted_layers(source), _weighted_layers(target)
    if target_scale(source) is None or target_scale(target) is None:
        given, wanted = (
            [layer for layer in layers if not is_target_scale(layer)]
            for layers in (given, wanted)
        )
    if len(given) != len(wanted):
        raise WeightsError(
            f"The weights were made for another model than {target.name}: they are "
            f"those of {len(given)} layers, not of {len(wanted)}."
        )
    for theirs, ours in zip(given, wanted, strict=True):
        if _shapes(theirs) == _shapes(ours):
            ours.set_weights(theirs.get_weights())
        elif ours.name != HEAD and not is_target_scale(ours):
            raise WeightsError(
                f"The weights were made for another model than {target.name}: those of "
                f"layer {ours.name} have the shapes {_shapes(theirs)}, the model's are "
                f"{_shapes(ours)}."
            )


def copy_encoder(source: keras.Model, target: keras.Model) -> None:
    """Copies the encoder of a model with another head, such as that of a pretext task.

    Raises:
        WeightsError: If one of them has no layer called `encoder`, or another one.
    """
    encoders = [_layer(model, ENCODER) for model in (source, target)]
    shapes = [None if each is None else _shapes(each) for each in encoders]
    if None in shapes or shapes[0] != shapes[1]:
        raise WeightsError(
            f"The weights were made for {source.name}, whose encoder is none of "
            f"{target.name}: they have the shapes {shapes[0]}, those of the model are "
            f"{shapes[1]}."
        )
    encoders[1].set_weights(encoders[0].get_weights())


def has_encoder(model: keras.Model) -> bool:
    """Whether a model has an encoder that another one may start from."""
    return _layer(model, ENCODER) is not None


def _layer(model: keras.Model, name: str) -> Any:
    return next((layer for layer in model.layers if layer.name == name), None)


def target_scale(model: keras.Model) -> keras.layers.Layer | None:
    """Returns the layer that maps to the units of targets; None if there is none."""
    return next(filter(is_target_scale, model.layers), None)


def is_target_scale(layer: keras.layers.Layer) -> bool:
    """Whether a layer maps standardized outputs to the units of targets."""
    return isinstance(layer, Normalization) and layer.invert


def freeze(model: keras.Model, patterns: str | Sequence[str]) -> None:
    """Freezes layers; never the head.

    Args:
        model: A model whose last layer is called `logits`.
        patterns: One or more `fnmatch` patterns of names of layers; `*` for all.

    Raises:
        ArgumentError: If a pattern matches no layer.
    """
    layers = {layer.name: layer for layer in model.layers if layer.name != HEAD}
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        names = fnmatch.filter(layers, pattern)
        if not names:
            raise ArgumentError(
                f"No layer of {model.name!r} is called {pattern!r}; they are: "
                f"{', '.join(layers)}."
            )
        for name in names:
            layers[name].trainable = False


def headless(model: keras.Model) -> keras.Model:
    """Returns the model without its head: its output are the head's input features.

    Raises:
        ArgumentError: If the model has no head.
    """
    if HEAD not in [layer.name for layer in model.layers]:
        raise ArgumentError(
            f"Model {model.name!r} has no layer called {HEAD!r} to remove; of an "
            "autoencoder, take zoo.inference.autoencoders.encoder(model)."
        )
    features = model.get_layer(HEAD).input
    return keras.Model(model.input, features, name=model.name)


def _weighted_layers(model: keras.Model) -> list[keras.layers.Layer]:
    return [layer for layer in model.layers if layer.weights]


def _shapes(layer: keras.layers.Layer) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in layer.weights]
