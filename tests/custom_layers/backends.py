"""What the checks need of a backend: gradients and compiled forms of a function."""

import keras
import numpy as np
import pytest
from keras import ops

BACKEND = keras.backend.backend()
tensorflow_only = pytest.mark.skipif(
    BACKEND != "tensorflow", reason="about TensorFlow's graphs or kernels"
)


not_torch = pytest.mark.skipif(
    BACKEND == "torch", reason="Keras on Torch gives NaN, or what depends on the kernel"
)
IS_COMPILED = BACKEND != "torch"  # without a compiled form there is none to check


# Step and tolerance of a central difference in each precision.
STEPS = {"float64": (1e-6, 1e-5), "float32": (3e-3, 2e-2)}
# On JAX and Torch, the operations of Keras compute in single precision.
PRECISION = "float64" if BACKEND == "tensorflow" else "float32"


def as_float64(value):
    return numbers(value).astype("float64")


def numbers(value):
    """A tensor or variable as an array."""
    value = value.value if isinstance(value, keras.Variable) else value
    if BACKEND == "torch":
        return ops.convert_to_numpy(value)
    return value.numpy() if hasattr(value, "numpy") else np.asarray(value)


def layer_gradients(layer, arrays, cotangents, arguments, **options):
    """Gradients of `sum(outputs * cotangents)`: by each float input and weight.

    `arguments` makes those of the call from the inputs.
    """
    floats = [i for i, x in enumerate(arrays) if x.dtype.kind == "f"]
    tensors = [ops.array(x) for x in arrays]

    def total(outputs):
        pairs = zip(flat(outputs), cotangents, strict=True)
        return sum(ops.sum(ops.multiply(y, ops.cast(c, y.dtype))) for y, c in pairs)

    if BACKEND == "tensorflow":
        import tensorflow as tf

        sources = [tensors[i] for i in floats]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            loss = total(layer(*arguments(tensors), **options))
        sources += [w.value for w in layer.trainable_weights]
        found = tape.gradient(loss, sources)
        # Those of an embedding hold some rows only.
        return [None if g is None else tf.convert_to_tensor(g) for g in found]
    if BACKEND == "torch":
        import torch

        sources = [tensors[i].requires_grad_() for i in floats]
        loss = total(layer(*arguments(tensors), **options))
        sources += [w.value for w in layer.trainable_weights]
        if not loss.requires_grad:
            return [None] * len(sources)
        return torch.autograd.grad(loss, sources, allow_unused=True)
    import jax

    def loss(inputs, trainable):
        merged = list(tensors)
        for i, x in zip(floats, inputs, strict=True):
            merged[i] = x
        rest = [v.value for v in layer.non_trainable_variables]
        outputs, _ = layer.stateless_call(
            trainable, rest, *arguments(merged), **options
        )
        return total(outputs)

    weights = [w.value for w in layer.trainable_variables]
    inputs = [tensors[i] for i in floats]
    by_inputs, by_weights = jax.grad(loss, argnums=(0, 1))(inputs, weights)
    return [*by_inputs, *by_weights]


def flat(outputs):
    """The tensors of an output as a list."""
    return [y for y in keras.tree.flatten(outputs) if y is not None]


def compiled_layer_forms(layer, arguments, **options):
    """The call of a layer in the other ways in which the backend can run it."""
    if BACKEND == "tensorflow":
        return compiled_forms(
            lambda *inputs: flat(layer(*arguments(inputs), **options))
        )
    if not IS_COMPILED:
        return {}
    import jax

    def call(trainable, rest, *inputs):
        outputs, _ = layer.stateless_call(
            trainable, rest, *arguments(inputs), **options
        )
        return flat(outputs)

    compiled = jax.jit(call)

    def jitted(*inputs):
        weights = [v.value for v in layer.trainable_variables]
        rest = [v.value for v in layer.non_trainable_variables]
        return compiled(weights, rest, *inputs)

    return {"jit": jitted}


def gradient(function, x):
    """Gradient of the sum of `function(x)`."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(function(x))
        found = tape.gradient(total, x, unconnected_gradients="zero")
        return tf.convert_to_tensor(found)
    if BACKEND == "torch":
        import torch

        x = ops.array(x).requires_grad_()
        total = ops.sum(function(x))
        if not total.requires_grad:
            return ops.zeros_like(x)
        (found,) = torch.autograd.grad(
            total, x, allow_unused=True, materialize_grads=True
        )
        return found
    import jax

    return jax.grad(lambda x: ops.sum(function(x)))(ops.array(x))


def compiled_forms(function):
    """The function in the other ways in which the backend can run it."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        return {
            "graph": tf.function(function, autograph=False),
            "xla": tf.function(function, autograph=False, jit_compile=True),
        }
    if not IS_COMPILED:
        return {}
    import jax

    return {"jit": jax.jit(function)}
