"""What the checks need of a backend: gradients and compiled forms of a function."""

import keras
import numpy as np
import pytest
from keras import ops

BACKEND = keras.backend.backend()
tensorflow_only = pytest.mark.skipif(
    BACKEND != "tensorflow", reason="about TensorFlow's graphs or kernels"
)


# Step and tolerance of a central difference in each precision.
STEPS = {"float64": (1e-6, 1e-5), "float32": (3e-3, 2e-2)}
# On JAX, the operations of Keras compute in single precision.
PRECISION = "float64" if BACKEND == "tensorflow" else "float32"


def as_float64(value):
    return numbers(value).astype("float64")


def numbers(value):
    """A tensor or variable as an array."""
    value = value.value if isinstance(value, keras.Variable) else value
    return value.numpy() if hasattr(value, "numpy") else np.asarray(value)


def input_and_weight_gradients(layer, x, cotangent):
    """Gradients of `sum(layer(x) * cotangent)`: by the input and by each weight."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(layer(x) * cotangent)
        sources = [x, *(w.value for w in layer.trainable_weights)]
        return tape.gradient(loss, sources)
    import jax

    def loss(x, trainable):
        rest = [v.value for v in layer.non_trainable_variables]
        outputs, _ = layer.stateless_call(trainable, rest, x)
        return ops.sum(outputs * cotangent)

    weights = [w.value for w in layer.trainable_weights]
    by_input, by_weights = jax.grad(loss, argnums=(0, 1))(ops.array(x), weights)
    return [by_input, *by_weights]


def gradient(function, x):
    """Gradient of the sum of `function(x)`."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(function(x))
        return tape.gradient(total, x)
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
    import jax

    return {"jit": jax.jit(function)}
