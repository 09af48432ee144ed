"""Brought models whose layers compute or store in types of their own."""

import warnings

import keras
import numpy as np
from keras import layers, ops

from .brought import ONLY_SAVED_MODEL, brought, floats, ids

HALF, BRAIN = 2e-2, 1e-1


def _policies(first, second):
    x = keras.Input((6,))
    y = layers.Dense(8, activation="relu", dtype=first)(x)
    y = layers.LayerNormalization(dtype="float32")(y)
    return keras.Model(x, layers.Dense(3, dtype=second)(y))


@brought(floats(6), tolerance=HALF)
def float16_in_one_layer():
    return _policies("float16", "float32")


@brought(floats(6), tolerance=BRAIN)
def bfloat16_in_one_layer():
    return _policies("float32", "bfloat16")


@brought(floats(6), tolerance=BRAIN)
def a_policy_for_each_layer():
    return _policies("mixed_float16", "mixed_bfloat16")


@brought(floats(6), tolerance=HALF)
def float16_from_input_to_output():
    x = keras.Input((6,), dtype="float16")
    y = layers.Dense(4, dtype="float16", activation="tanh")(x)
    return keras.Model(x, layers.Dense(3, dtype="float16")(y))


@brought(floats(8, 8, 3), tolerance=HALF)
def mixed_float16_with_batch_normalization():
    x = keras.Input((8, 8, 3))
    y = layers.Conv2D(4, 3, dtype="mixed_float16")(x)
    y = layers.BatchNormalization(dtype="mixed_float16")(y)
    y = layers.Activation("relu", dtype="mixed_float16")(y)
    y = layers.GlobalAveragePooling2D(dtype="mixed_float16")(y)
    return keras.Model(x, layers.Dense(3, activation="softmax", dtype="float32")(y))


@brought(ids(20, 6), tolerance=HALF)
def mixed_float16_attention():
    x = keras.Input((None,), dtype="int32")
    y = layers.Embedding(20, 8, dtype="mixed_float16", mask_zero=True)(x)
    y = layers.MultiHeadAttention(2, 4, dtype="mixed_float16")(y, y)
    y = layers.GlobalAveragePooling1D(dtype="mixed_float16")(y)
    return keras.Model(x, layers.Dense(2, dtype="float32")(y))


@brought(floats(5, 4), tolerance=HALF)
def mixed_float16_time_distributed():
    x = keras.Input((5, 4))
    inner = layers.Dense(3, dtype="mixed_float16", activation="tanh")
    y = layers.TimeDistributed(inner, dtype="mixed_float16")(x)
    return keras.Model(x, layers.GRU(3, dtype="mixed_float16")(y))


@brought(floats(6), tolerance=HALF)
def mixed_float16_in_a_nested_model():
    inner = keras.Sequential(
        [
            keras.Input((6,), dtype="float16"),
            layers.Dense(5, dtype="mixed_float16", activation="gelu"),
        ]
    )
    x = keras.Input((6,))
    return keras.Model(x, layers.Dense(2)(inner(x)))


@keras.saving.register_keras_serializable("brought")
class Casting(layers.Layer):
    """Casts by hand to the type that it computes in."""

    def call(self, x):
        """Squares in half precision."""
        return ops.square(ops.cast(x, self.compute_dtype))


@brought(floats(6), tolerance=HALF)
def mixed_float16_in_a_layer_of_its_own():
    return keras.Sequential(
        [
            keras.Input((6,)),
            Casting(dtype="mixed_float16"),
            layers.Dense(2, dtype="mixed_float16"),
        ]
    )


@keras.saving.register_keras_serializable("brought")
class Hard(layers.Layer):
    """Casts by hand to a type that it names."""

    def call(self, x):
        """Rounds to half precision."""
        return ops.cast(ops.cast(x, "float16") * 3, "float32")


@brought(floats(6), tolerance=HALF, formats=ONLY_SAVED_MODEL)
def float16_that_a_layer_names():
    return keras.Sequential([keras.Input((6,)), Hard(), layers.Dense(2)])


@brought(floats(6), tolerance=1e-5)
def float64_between_float32():
    x = keras.Input((6,))
    y = layers.Dense(4, dtype="float64")(x)
    return keras.Model(x, layers.Dense(2, dtype="float32")(y))


# Quantized, and adapted


def _dense():
    x = keras.Input((16,))
    y = layers.Dense(32, activation="relu")(x)
    return keras.Model(x, layers.Dense(4)(y))


def _quantize(model, mode, **options):
    with warnings.catch_warnings():
        # That an input is none of the layers which can be quantized.
        warnings.filterwarnings("ignore", message="Layer InputLayer does not have")
        model.quantize(mode, **options)


@brought(floats(16))
def quantized_to_int8():
    model = _dense()
    _quantize(model, "int8")
    return model


@brought(floats(16))
def quantized_to_int4():
    model = _dense()
    _quantize(model, "int4")
    return model


@brought(floats(16))
def quantized_to_int4_in_blocks():
    model = _dense()
    config = keras.quantizers.Int4QuantizationConfig(block_size=8)
    _quantize(model, "int4", config=config)
    return model


@brought(floats(16))
def weights_alone_in_int8():
    model = _dense()
    config = keras.quantizers.Int8QuantizationConfig(activation_quantizer=None)
    _quantize(model, "int8", config=config)
    return model


@brought(floats(16), formats=ONLY_SAVED_MODEL)
def quantized_to_float8():
    model = _dense()
    _quantize(model, "float8")
    model(np.ones((2, 16), "float32"))
    return model


@brought(ids(20, 6))
def quantized_embedding_and_einsum():
    x = keras.Input((6,), dtype="int32")
    y = layers.Embedding(20, 8)(x)
    y = layers.EinsumDense("abc,cd->abd", output_shape=(6, 8), bias_axes="d")(y)
    model = keras.Model(x, layers.Dense(3)(y))
    _quantize(model, "int8")
    return model


@brought(ids(20, 6))
def quantized_embedding_to_int4():
    x = keras.Input((6,), dtype="int32")
    y = layers.Embedding(20, 8)(x)
    model = keras.Model(x, layers.Dense(3)(y))
    _quantize(model, "int4")
    return model


@brought(ids(20, 6))
def reversible_embedding():
    x = keras.Input((6,), dtype="int32")
    layer = layers.ReversibleEmbedding(20, 8)
    return keras.Model(x, layer(layer(x), reverse=True))


def _with_lora(layer):
    layer.enable_lora(2)
    for weight in layer.trainable_weights:  # which begins as zeros
        weight.assign(np.random.default_rng(1).normal(size=weight.shape))


@brought(floats(16))
def lora_in_a_dense_layer():
    model = _dense()
    _with_lora(model.layers[1])
    return model


def _quantized_with_lora(mode):
    model = _dense()
    _quantize(model, mode)
    _with_lora(model.layers[1])
    return model


@brought(floats(16))
def lora_in_a_layer_of_int8():
    return _quantized_with_lora("int8")


@brought(floats(16))
def lora_in_a_layer_of_int4():
    return _quantized_with_lora("int4")


@brought(ids(20, 6))
def lora_in_an_embedding():
    x = keras.Input((6,), dtype="int32")
    model = keras.Model(x, layers.Dense(3)(layers.Embedding(20, 8)(x)))
    _with_lora(model.layers[1])
    return model


@brought(floats(8, 8, 3))
def lora_in_a_convolution():
    x = keras.Input((8, 8, 3))
    model = keras.Model(x, layers.Conv2D(4, 3)(x))
    _with_lora(model.layers[1])
    return model


@brought(floats(16), tolerance=BRAIN)
def mixed_bfloat16_quantized_to_int4_with_lora():
    x = keras.Input((16,))
    y = layers.Dense(8, dtype="mixed_bfloat16", activation="relu")(x)
    model = keras.Model(x, layers.Dense(3, dtype="mixed_bfloat16")(y))
    _quantize(model, "int4")
    _with_lora(model.layers[1])
    return model
