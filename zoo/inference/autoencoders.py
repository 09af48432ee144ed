"""The encoder and the decoder of an autoencoder, each as a model of its own."""

import keras
from keras import ops

from custom_layers import Activation
from custom_layers.activations import sigmoid
from zoo.errors import ArgumentError


def encoder(model: keras.Model) -> keras.Model:
    """Returns the encoder: samples to `code`.

    Of a variational autoencoder `code` is the mean of the posterior, and `log_variance`
    is a second output. The weights are shared with the model; `export.export_model`
    takes the encoder as any other model.

    Args:
        model: An autoencoder of the zoo.

    Raises:
        ArgumentError: If the model has no layer called `code`.

    Example:

    >>> import zoo
    >>> encoder(zoo.create_model("vae")).output_names
    ['code', 'log_variance']
    """
    _check(model)
    names = [layer.name for layer in model.layers]
    outputs = {
        name: model.get_layer(name).output
        for name in ("code", "log_variance")
        if name in names
    }
    return keras.Model(model.input, outputs, name=f"{model.name}_encoder")


def decoder(model: keras.Model) -> keras.Model:
    """Returns the decoder: a `code` to its `reconstruction`, values between 0 and 1.

    The weights are shared with the model; `export.export_model` takes the decoder as
    any other model.

    Args:
        model: An autoencoder of the zoo.

    Raises:
        ArgumentError: If the model has no layer called `code`.

    Example:

    >>> import zoo
    >>> decoder(zoo.create_model("vae")).output_names
    ['reconstruction']
    """
    _check(model)
    code = model.get_layer("code").output
    inputs = keras.Input(code.shape[1:], name="code")
    if "decoder" in [layer.name for layer in model.layers]:
        x = model.get_layer("decoder")(inputs)
    else:
        x = keras.Model(code, model.output)(inputs)
    shape = tuple(model.input_shape[1:])
    if tuple(x.shape[1:]) != shape:  # a variational decoder returns flat logits
        x = ops.reshape(sigmoid(x), (-1, *shape))
    # Exported outputs are named after the layer that they come from.
    outputs = {"reconstruction": Activation("linear", name="reconstruction")(x)}
    return keras.Model(inputs, outputs, name=f"{model.name}_decoder")


def _check(model: keras.Model) -> None:
    if "code" not in [layer.name for layer in model.layers]:
        raise ArgumentError(
            f"Model {model.name!r} has no layer called 'code', so no encoder and "
            "decoder; give an autoencoder, such as zoo.create_model('autoencoder')."
        )
