"""The two halves of an autoencoder, each a model that exports by itself."""

import keras
from keras import ops

from custom_layers.activations import sigmoid
from zoo.errors import ArgumentError


def halves(model: keras.Model) -> dict[str, keras.Model]:
    """Takes an autoencoder apart at its code.

    Args:
        model: An autoencoder of the zoo, with its weights.

    Returns:
        `encoder`, from samples to codes, and `decoder`, from codes to samples between 0
        and 1. They share the model's weights.

    Raises:
        ArgumentError: If the model has no code.

    Example:

    >>> import zoo
    >>> parts = halves(zoo.create_model("autoencoder", code_units=5))
    >>> parts["encoder"].output_shape, parts["decoder"].output_shape
    ((None, 5), (None, 8, 8, 1))
    """
    if "code" not in [layer.name for layer in model.layers]:
        raise ArgumentError(f"Model {model.name!r} has no code to be taken apart at.")
    code = model.get_layer("code").output
    return {
        "encoder": keras.Model(model.input, code, name="encoder"),
        "decoder": keras.Model(code, _decoded(model, code), name="decoder"),
    }


def _decoded(model: keras.Model, code: keras.KerasTensor) -> keras.KerasTensor:
    if "decoder" not in [layer.name for layer in model.layers]:
        return model.output
    # A variational autoencoder answers with more than the logits of its decoder.
    logits = model.get_layer("decoder")(code)
    return ops.reshape(sigmoid(logits), (-1, *model.input_shape[1:]))
