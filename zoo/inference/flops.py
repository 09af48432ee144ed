"""Floating-point operations of a forward pass."""

import math

import keras

from custom_layers import Bidirectional, Conv2DTranspose, Embedding

TIME_STEPS = 100  # of models for sequences of any length


def flops(model: keras.Model) -> int:
    """Counts the floating-point operations of products with weights, for one sample.

    `2 sum_l |W_l| n_l`: a multiplication and an addition for each entry of a matrix or
    kernel `W_l`, at each of the `n_l` places that it is applied to: pixels of a
    convolution's output, steps of a recurrent layer. Biases, activations, pooling and
    normalization, which are little beside them, are not counted, nor is looking up
    embeddings.

    Args:
        model: A functional model; sequences of any length are counted as of 100
            steps.

    Example:

    >>> import zoo
    >>> flops(zoo.create_model("softmax_regression.mnist"))  # 2 * 784 * 10
    15680
    """
    return sum(_of(layer) for layer in model.layers)


def _of(layer: keras.layers.Layer) -> int:
    if isinstance(layer, keras.Model):
        return flops(layer)
    if isinstance(layer, Embedding):
        return 0
    matrices = [math.prod(w.shape) for w in layer.weights if len(w.shape) > 1]
    return 2 * sum(matrices) * _places(layer) if matrices else 0


def _places(layer: keras.layers.Layer) -> int:
    """How often the weights of a layer are applied."""
    inputs, *_ = layer.input if isinstance(layer.input, list) else [layer.input]
    if hasattr(layer, "cell") or isinstance(layer, Bidirectional):
        sizes = inputs.shape[1:2]
    elif isinstance(layer, Conv2DTranspose):
        sizes = inputs.shape[1:-1]
    else:
        sizes = layer.output.shape[1:-1]
    return math.prod(size or TIME_STEPS for size in sizes)
