"""Models as users bring them, with the formats that each must be published in.

A row builds its model as its user would, and says what the user calls it with. What
cannot be an artifact is refused with a line that says why.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

import custom_layers

BOTH = ("saved_model", "onnx")
ONLY_SAVED_MODEL = ("saved_model",)
ROWS: dict[str, "Brought"] = {}


@dataclasses.dataclass(frozen=True)
class Brought:
    """A model of a user.

    Args:
        build: Makes the model, built, called or fitted.
        inputs: Makes the arguments of a call on a batch of that size.
        formats: Those that it must be published in.
        refused: Pattern of the line that refuses it, where it cannot be exported.
        sample: Whether it is exported with `sample=`.
        batch: The only batch size that the model takes; any if None.
        tolerance: Of the difference from the user's own call.
        quick: Whether it runs in every test run.
    """

    build: Callable[[], keras.Model]
    inputs: Callable[[int], Any]
    formats: tuple[str, ...] = BOTH
    refused: str | None = None
    sample: bool = False
    batch: int | None = None
    tolerance: float = 1e-5
    quick: bool = False


def brought(inputs, **options):
    """Registers a builder under its name."""

    def register(build):
        ROWS[build.__name__] = Brought(build, inputs, **options)
        return build

    return register


def floats(*shape, scale=1.0):
    """Makes batches of normal numbers."""
    return lambda n: (
        scale * np.random.default_rng(n).normal(size=(n, *shape)).astype("float32")
    )


def ids(count, *shape):
    """Makes batches of ids below `count`."""
    return lambda n: np.random.default_rng(n).integers(count, size=(n, *shape))


def pixels(*shape):
    """Makes batches of pixels."""
    return lambda n: (
        np.random.default_rng(n).integers(256, size=(n, *shape)).astype("uint8")
    )


def words(*shape):
    """Makes batches of strings."""
    known = np.array(["a good film", "bad", "unheard of", ""])
    return lambda n: known[np.random.default_rng(n).integers(4, size=(n, *shape))]


def structure(**parts):
    """Makes dictionaries of batches."""
    return lambda n: {name: part(n) for name, part in parts.items()}


def several(*parts):
    """Makes lists of batches."""
    return lambda n: [part(n) for part in parts]


# Sequential, in the ways in which it is written


@brought(floats(4))
def sequential_with_input():
    return keras.Sequential(
        [keras.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(2)]
    )


@brought(floats(4))
def sequential_with_input_shape_later():
    model = keras.Sequential([layers.Dense(3, activation="tanh"), layers.Dense(2)])
    model.build((None, 4))
    return model


@brought(floats(4))
def sequential_called():
    model = keras.Sequential([layers.Dense(3), layers.Dense(1, activation="sigmoid")])
    model(np.zeros((2, 4), "float32"))
    return model


@brought(ids(50, 6))
def sequential_fitted_on_ids():
    model = keras.Sequential(
        [layers.Embedding(50, 3), layers.LSTM(4), layers.Dense(1, activation="sigmoid")]
    )
    model.compile("adam", "binary_crossentropy")
    model.fit(np.ones((8, 6), "int64"), np.ones((8, 1)), verbose=0)
    return model


@brought(floats(4))
def sequential_added_layer_by_layer():
    model = keras.Sequential()
    model.add(keras.Input((4,)))
    model.add(layers.Dense(3))
    model.add(layers.BatchNormalization())
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(2, activation="softmax"))
    return model


@brought(floats(8, 8, 1))
def sequential_nested():
    body = keras.Sequential(
        [layers.Conv2D(3, 3, activation="relu"), layers.MaxPooling2D()], name="body"
    )
    return keras.Sequential(
        [keras.Input((8, 8, 1)), body, layers.Flatten(), layers.Dense(2)]
    )


@brought(floats(4), refused="has no inputs yet; call it once on data")
def sequential_that_nobody_built():
    return keras.Sequential([layers.Dense(3), layers.Dense(2)])


# Functional: inputs and outputs


@brought(floats(4), quick=True)
def functional_without_a_name():
    x = keras.Input((4,))
    return keras.Model(x, layers.Dense(2)(x))


@brought(several(floats(4), floats(2)))
def two_inputs_in_a_list():
    a, b = keras.Input((4,)), keras.Input((2,))
    return keras.Model([a, b], layers.Dense(2)(layers.Concatenate()([a, b])))


@brought(structure(b=floats(4), a=floats(2)))
def two_inputs_in_a_dictionary():
    first, second = keras.Input((4,), name="b"), keras.Input((2,), name="a")
    return keras.Model({"b": first, "a": second}, layers.Concatenate()([first, second]))


@brought(floats(4), quick=True)
def outputs_in_a_dictionary():
    x = keras.Input((4,))
    heads = {"score": layers.Dense(1, name="d1")(x), "klass": layers.Dense(3)(x)}
    return keras.Model(x, heads)


@brought(floats(4))
def outputs_in_nested_dictionaries():
    x = keras.Input((4,))
    return keras.Model(
        x,
        {
            "boxes": [layers.Dense(2)(x), layers.Dense(3)(x)],
            "score": layers.Dense(1)(x),
        },
    )


@brought(floats(4))
def outputs_in_a_list():
    x = keras.Input((4,))
    return keras.Model(x, [layers.Dense(2, name="one")(x), layers.Dense(3)(x)])


@brought(floats(4))
def an_output_that_is_also_inside():
    x = keras.Input((4,))
    hidden = layers.Dense(3, name="hidden")(x)
    return keras.Model(x, [hidden, layers.Dense(2)(hidden)])


@brought(floats(4))
def the_input_is_an_output():
    x = keras.Input((4,), name="x")
    return keras.Model(x, {"x": x, "y": layers.Dense(2)(x)})


@brought(several(floats(4), floats(4)), quick=True)
def siamese_tower():
    a, b = keras.Input((4,)), keras.Input((4,))
    tower = layers.Dense(2, name="tower")
    return keras.Model([a, b], [tower(a), tower(b)])


@brought(several(floats(4), floats(4)))
def siamese_tower_of_a_model():
    x = keras.Input((4,))
    tower = keras.Model(x, layers.Dense(2)(x), name="tower")
    a, b = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    return keras.Model([a, b], {"left": tower(a), "right": tower(b)})


@brought(floats(5, 3))
def lstm_with_its_state():
    x = keras.Input((5, 3))
    return keras.Model(x, layers.LSTM(4, return_state=True, name="enc")(x))


@brought(several(floats(5, 3), floats(4), floats(4)))
def lstm_from_a_given_state():
    x, h, c = keras.Input((5, 3)), keras.Input((4,)), keras.Input((4,))
    return keras.Model([x, h, c], layers.LSTM(4)(x, initial_state=[h, c]))


@brought(floats(4), quick=True)
def a_name_of_the_zoo():
    x = keras.Input((4,))
    return keras.Model(x, layers.Dense(2, activation="softmax")(x), name="mlp")


@brought(floats(4))
def another_name_of_the_zoo():
    x = keras.Input((4,))
    return keras.Model(x, layers.Dense(4)(layers.Dense(2)(x)), name="autoencoder")


@brought(floats(4))
def names_with_spaces():
    x = keras.Input((4,), name="my input")
    return keras.Model(x, layers.Dense(2, name="my output")(x), name="spaces")


@brought(floats(3), batch=None)
def fixed_batch_that_no_layer_needs():
    x = keras.Input(batch_shape=(4, 3))
    return keras.Model(x, layers.Dense(2)(x))


@brought(floats(3), batch=4)
def fixed_batch_that_is_needed():
    x = keras.Input(batch_shape=(4, 3))
    return keras.Model(x, layers.Dense(2)(x) + ops.reshape(ops.arange(8.0), (4, 2)))


@brought(floats(5, 3), batch=4, quick=True)
def stateful_rnn():
    x = keras.Input(batch_shape=(4, 5, 3))
    model = keras.Model(x, layers.LSTM(2, stateful=True)(x))
    model(np.ones((4, 5, 3), "float32"))
    return model


@brought(floats(5, 3), batch=2)
def stateful_gru_of_ours():
    x = keras.Input(batch_shape=(2, 5, 3))
    return keras.Model(x, custom_layers.GRU(2, stateful=True)(x))


# Subclassed


@keras.saving.register_keras_serializable("brought")
class Doubled(keras.Model):
    """Has a call of its own, after its layers."""

    def __init__(self, **options):
        super().__init__(**options)
        self.dense = layers.Dense(3)

    def call(self, x):
        """Doubles the answer of the layer."""
        return self.dense(x) * 2


@brought(floats(4))
def subclassed_and_called():
    model = Doubled()
    model(np.zeros((2, 4), "float32"))
    return model


@brought(floats(4))
def subclassed_and_built():
    model = Doubled()
    model.build((None, 4))
    return model


@brought(floats(4))
def subclassed_and_fitted():
    model = Doubled()
    model.compile("sgd", "mse")
    model.fit(np.ones((8, 4)), np.ones((8, 3)), verbose=0)
    return model


@brought(floats(4), refused="has no inputs yet; call it once on data")
def subclassed_and_new():
    return Doubled()


@brought(floats(4), sample=True)
def subclassed_and_new_with_a_sample():
    return Doubled()


class Towers(keras.Model):
    """Takes a dictionary of numbers and ids, returns a dictionary."""

    def __init__(self):
        super().__init__()
        self.dense, self.embedding = layers.Dense(3), layers.Embedding(7, 3)

    def call(self, inputs, training=None):
        """Adds an embedding to a dense layer."""
        ids = self.embedding(inputs["ids"])
        return {"sum": self.dense(inputs["x"]) + ops.sum(ids, axis=1), "ids": ids}


@brought(structure(x=floats(4), ids=ids(7, 5)), quick=True)
def subclassed_with_dictionaries():
    model = Towers()
    model({"x": np.zeros((2, 4), "float32"), "ids": np.zeros((2, 5), "int32")})
    return model


class Arguments(keras.Model):
    """Takes two arguments."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, x, shift):
        """Shifts the answer of the layer."""
        return self.dense(x) + shift


@brought(structure(x=floats(4), shift=floats(3)), refused="the shapes of shift")
def subclassed_with_two_arguments():
    model = Arguments()
    model(np.zeros((2, 4), "float32"), np.zeros((2, 3), "float32"))
    return model


@brought(structure(x=floats(4), shift=floats(3)), sample=True)
def subclassed_with_two_arguments_and_a_sample():
    model = Arguments()
    model(np.zeros((2, 4), "float32"), np.zeros((2, 3), "float32"))
    return model


class PlusOne(keras.Model):
    """Is functional, with a call of its own."""

    def call(self, inputs, training=None):
        """Adds 1 to what the layers give."""
        return super().call(inputs) + 1.0


@brought(floats(4), quick=True)
def functional_with_a_call_of_its_own():
    x = keras.Input((4,))
    return PlusOne(x, layers.Dense(2)(x))


class Gated(keras.Model):
    """Behaves otherwise in training."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, x, training=False):
        """Is zero in training."""
        return self.dense(x) * (0.0 if training else 1.0)


@brought(floats(4))
def subclassed_that_asks_for_training():
    model = Gated()
    model(np.zeros((2, 4), "float32"))
    return model


class Counted(keras.Model):
    """Counts its calls, which an artifact does not."""

    def __init__(self):
        super().__init__()
        self.count = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        """Adds the number of earlier calls."""
        before = ops.copy(self.count)
        self.count.assign_add(1.0)
        return x + before


@brought(floats(4))
def subclassed_that_counts_its_calls():
    model = Counted()
    model(np.zeros((2, 4), "float32"))
    return model


class Python(keras.Model):
    """Computes in Python, which no graph can."""

    def call(self, x):
        """Needs the numbers."""
        return x * float(np.sum(np.asarray(x)))


@brought(floats(4), refused="cannot be traced as a graph")
def subclassed_that_leaves_the_graph():
    model = Python()
    model(np.zeros((2, 4), "float32"))
    return model


class Settings(keras.Model):
    """Returns something that is no tensor."""

    def call(self, x):
        """Returns a word beside the tensor."""
        return {"y": x * 2.0, "kind": "doubled"}


@brought(floats(4), refused="returns str among its outputs")
def subclassed_that_returns_a_word():
    model = Settings()
    model(np.zeros((2, 4), "float32"))
    return model


# Types


def _mixed(policy):
    x = keras.Input((8, 8, 1))
    y = layers.Conv2D(3, 3, dtype=policy, activation="relu")(x)
    y = layers.Flatten(dtype=policy)(y)
    return keras.Model(x, layers.Dense(2, dtype=policy)(y))


@brought(floats(8, 8, 1), tolerance=2e-2, quick=True)
def mixed_float16():
    return _mixed("mixed_float16")


@brought(floats(8, 8, 1), tolerance=1e-1)
def mixed_bfloat16():
    return _mixed("mixed_bfloat16")


@brought(floats(4), tolerance=2e-2)
def mixed_float16_sequential_called():
    model = keras.Sequential(
        [layers.Dense(3, dtype="mixed_float16"), layers.Dense(2, dtype="mixed_float16")]
    )
    model(np.zeros((2, 4), "float32"))
    return model


@brought(floats(5, 3), tolerance=1e-1)
def mixed_bfloat16_lstm():
    x = keras.Input((5, 3))
    return keras.Model(x, layers.LSTM(4, dtype="mixed_bfloat16")(x))


@brought(floats(4), tolerance=1e-1)
def mixed_bfloat16_quantized():
    x = keras.Input((4,))
    y = layers.Dense(8, dtype="mixed_bfloat16", activation="relu")(x)
    model = keras.Model(x, layers.Dense(3, dtype="mixed_bfloat16")(y))
    for layer in model.layers[1:]:
        layer.quantize("int8")
    return model


@brought(floats(4))
def double_precision():
    x = keras.Input((4,), dtype="float64")
    return keras.Model(x, layers.Dense(3, dtype="float64")(x))


@brought(pixels(8, 8, 3))
def pixels_rescaled():
    x = keras.Input((8, 8, 3), dtype="uint8")
    return keras.Model(x, layers.Conv2D(2, 3)(layers.Rescaling(1 / 255)(x)))


@brought(lambda n: floats(4)(n) > 0)
def booleans():
    x = keras.Input((4,), dtype="bool")
    return keras.Model(x, layers.Dense(2)(ops.cast(x, "float32")))


# Preprocessing


@brought(floats(300, scale=3.0))
def normalization():
    x = keras.Input((300,))
    layer = layers.Normalization()
    layer.adapt(np.random.default_rng(0).normal(5, 3, size=(50, 300)))
    return keras.Model(x, layers.Dense(2)(layer(x)))


@brought(structure(a=floats(4), b=floats(3)))
def normalizations_of_two_inputs():
    inputs = {
        "a": keras.Input((4,), name="a"),
        "b": keras.Input((3,), name="b"),
    }
    layers_of = {
        name: layers.Normalization(mean=np.arange(float(n)), variance=np.ones(n))
        for name, n in (("a", 4), ("b", 3))
    }
    parts = [layers_of[name](x) for name, x in inputs.items()]
    return keras.Model(inputs, layers.Dense(2)(layers.Concatenate()(parts)))


def _vectorizer(**options):
    layer = layers.TextVectorization(**options)
    layer.adapt(["a good film", "a bad film", "good"])
    return layer


@brought(words(), formats=ONLY_SAVED_MODEL)
def text_vectorization():
    x = keras.Input((), dtype="string", name="text")
    tokens = _vectorizer(output_sequence_length=5)(x)
    pooled = layers.GlobalAveragePooling1D()(layers.Embedding(20, 3)(tokens))
    return keras.Model(x, layers.Dense(1, activation="sigmoid")(pooled))


@brought(words(1), formats=ONLY_SAVED_MODEL)
def text_vectorization_in_a_sequential():
    return keras.Sequential(
        [
            keras.Input((1,), dtype="string"),
            _vectorizer(output_mode="multi_hot"),
            layers.Dense(1),
        ]
    )


@brought(lambda n: words(3)(n))
def string_lookup():
    x = keras.Input((3,), dtype="string")
    return keras.Model(x, layers.StringLookup(vocabulary=["bad", "fine"])(x))


@brought(ids(7, 3))
def integer_lookup():
    x = keras.Input((3,), dtype="int64")
    found = layers.IntegerLookup(vocabulary=[3, 5])(x)
    return keras.Model(x, layers.Embedding(4, 2)(found))


@brought(ids(4, 1))
def category_encoding():
    x = keras.Input((1,), dtype="int32")
    encoded = layers.CategoryEncoding(num_tokens=4, output_mode="one_hot")(x)
    return keras.Model(x, layers.Dense(2)(encoded))


@brought(structure(age=floats(1), job=words(1)))
def numbers_and_strings():
    age = keras.Input((1,), name="age")
    job = keras.Input((1,), name="job", dtype="string")
    encoded = layers.StringLookup(vocabulary=["bad"], output_mode="one_hot")(job)
    both = layers.Concatenate()([age, encoded])
    return keras.Model({"age": age, "job": job}, layers.Dense(1)(both))


# Operators


@brought(lambda n: np.random.default_rng(n).random((n, 6 + n, 5, 3)).astype("float32"))
def upsampling_of_open_size():
    x = keras.Input((None, None, 3))
    return keras.Model(x, layers.UpSampling2D(2, interpolation="bilinear")(x))


@brought(floats(16, 16, 4))
def depthwise_separable_and_grouped_convolutions():
    x = keras.Input((16, 16, 4))
    y = layers.SeparableConv2D(8, 3)(layers.DepthwiseConv2D(3)(x))
    return keras.Model(x, layers.Conv2D(8, 3, groups=4)(y))


@brought(floats(4))
def argmax_of_scores():
    x = keras.Input((4,))
    return keras.Model(x, ops.argmax(layers.Dense(5)(x), -1))


@brought(floats(4))
def exact_gelu():
    x = keras.Input((4,))
    return keras.Model(x, ops.gelu(layers.Dense(5)(x), approximate=False))


@brought(floats(6, 8))
def attention_and_layer_normalization():
    x = keras.Input((None, 8))
    y = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4)(x, x))
    return keras.Model(x, layers.Dense(8, activation="gelu")(y))


@brought(floats(3, 4))
def bidirectional_gru_at_every_step():
    x = keras.Input((3, 4))
    y = layers.Bidirectional(layers.GRU(3, return_sequences=True))(x)
    return keras.Model(x, layers.TimeDistributed(layers.Dense(2))(y))


@brought(ids(9, 6), quick=True)
def dense_at_each_step_of_open_time():
    x = keras.Input((None,), dtype="int32")
    y = layers.Embedding(9, 4, mask_zero=True)(x)
    return keras.Model(x, layers.TimeDistributed(layers.Dense(2))(y))


@brought(floats(3, 6, 6, 1))
def images_of_open_time():
    x = keras.Input((None, 6, 6, 1))
    y = layers.TimeDistributed(layers.Conv2D(2, 3, activation="relu"))(x)
    y = layers.TimeDistributed(layers.Flatten())(y)
    return keras.Model(x, custom_layers.LSTM(3)(y))


@brought(ids(9, 6))
def masked_lstm():
    x = keras.Input((None,), dtype="int32")
    y = layers.Embedding(9, 4, mask_zero=True)(x)
    return keras.Model(x, layers.LSTM(3)(y))


@brought(floats(6, 3))
def masking_layer():
    x = keras.Input((6, 3))
    return keras.Model(x, layers.GRU(3)(layers.Masking()(x)))


@brought(floats(12, 2))
def convolutions_over_time():
    x = keras.Input((12, 2))
    y = layers.Conv1D(3, 3, padding="causal", dilation_rate=2)(x)
    y = layers.Conv1DTranspose(2, 3, strides=2)(y)
    return keras.Model(x, layers.GlobalMaxPooling1D()(y))


@brought(floats(6, 6, 6, 1))
def convolutions_over_volumes():
    x = keras.Input((6, 6, 6, 1))
    return keras.Model(x, layers.MaxPooling3D()(layers.Conv3D(2, 3)(x)))


@brought(floats(8, 8, 2))
def decoder_with_transposed_convolutions():
    x = keras.Input((8, 8, 2))
    y = layers.Conv2DTranspose(3, 3, strides=2, padding="same")(x)
    return keras.Model(x, layers.Resizing(12, 12)(layers.Cropping2D(1)(y)))


@brought(floats(4))
def lambda_of_a_function():
    x = keras.Input((4,))
    return keras.Model(x, layers.Lambda(lambda y: ops.tanh(y) * 2)(x))


@brought(floats(4))
def operations_of_tensorflow():
    class Power(layers.Layer):
        def call(self, x):
            return tf.math.pow(tf.abs(x), 1.5)

    return keras.Sequential([keras.Input((4,)), layers.Dense(3), Power()])


@brought(floats(5, 4))
def einsum_and_softmax():
    x = keras.Input((5, 4))
    scores = ops.einsum("bij,bkj->bik", x, x)
    return keras.Model(x, ops.softmax(scores, axis=-1))


@brought(floats(4), refused="is sparse or ragged")
def sparse_input():
    x = keras.Input((4,), sparse=True)
    return keras.Model(x, layers.Dense(2)(x))


@brought(floats(4))
def layers_of_ours():
    x = keras.Input((4,), name="x")
    y = custom_layers.Dense(8, activation="relu")(x)
    y = custom_layers.BatchNormalization()(custom_layers.Dropout(0.2)(y))
    return keras.Model(x, custom_layers.Dense(3, name="scores")(y))


@brought(floats(8, 8, 1))
def frozen_backbone_with_a_head():
    x = keras.Input((8, 8, 1))
    y = layers.BatchNormalization()(layers.Conv2D(4, 3)(x))
    backbone = keras.Model(x, layers.GlobalAveragePooling2D()(y), name="backbone")
    backbone.trainable = False
    inputs = keras.Input((8, 8, 1))
    return keras.Model(inputs, layers.Dense(2)(backbone(inputs, training=False)))


# What a hostile round found


def integers(*shape):
    """Makes batches of integers of both signs."""
    return lambda n: np.random.default_rng(n).integers(-50, 50, size=(n, *shape))


@brought(integers(4))
def division_of_negative_integers():
    x = keras.Input((4,), dtype="int32")
    return keras.Model(x, {"quotient": x // 3, "remainder": x % 3})


@brought(lambda n: floats(31 + n, 20, 3)(n))
def nearest_resizing_of_open_size():
    x = keras.Input((None, None, 3))
    return keras.Model(x, layers.Resizing(13, 9, interpolation="nearest")(x))


@brought(lambda n: [ids(20, 3)(n), ids(20, 30)(n)])
def two_sequences_of_their_own_lengths():
    question = keras.Input((None,), dtype="int32", name="question")
    context = keras.Input((None,), dtype="int32", name="context")
    embed = layers.Embedding(20, 4)
    encode = layers.LSTM(4, return_sequences=True)
    answers = layers.Attention()([encode(embed(context)), encode(embed(question))])
    return keras.Model([question, context], answers)


@brought(floats(4))
def a_name_in_other_letters():
    x = keras.Input((4,), name="день")
    return keras.Model(x, layers.Dense(2, name="-ночь")(x), name="модель")


@brought(ids(4, 3))
def indices_to_strings():
    x = keras.Input((3,), dtype="int64")
    return keras.Model(x, layers.StringLookup(vocabulary=["a", "b"], invert=True)(x))


class Assigning(keras.Model):
    """Counts in a variable of TensorFlow, which Keras does not know."""

    def __init__(self):
        super().__init__()
        self.count = tf.Variable(0.0, trainable=False)

    def call(self, x):
        """Adds the number of calls."""
        self.count.assign_add(1.0)
        return x + self.count


@brought(floats(4), refused="assigns to a tf.Variable in its call")
def subclassed_that_assigns_to_a_variable_of_tensorflow():
    model = Assigning()
    model(np.zeros((2, 4), "float32"))
    return model


class Noisy(keras.Model):
    """Draws random numbers in inference."""

    def call(self, x):
        """Adds noise."""
        return x + tf.random.normal(tf.shape(x))


@brought(floats(4), refused="answers the same inputs otherwise each time")
def subclassed_that_draws_random_numbers():
    model = Noisy()
    model(np.zeros((2, 4), "float32"))
    return model


class Hosted(keras.Model):
    """Computes in Python, behind an operator."""

    def call(self, x):
        """Doubles in NumPy."""
        y = tf.numpy_function(lambda values: 2 * values, [x], tf.float32)
        return tf.ensure_shape(y, (None, 4))


@brought(floats(4), refused="PyFunc|EagerPyFunc|no inputs yet")
def subclassed_that_computes_in_numpy():
    model = Hosted()
    model(np.zeros((2, 4), "float32"))
    return model


class Either(keras.Model):
    """Takes a dictionary, or two arguments."""

    def call(self, x, y=None):
        """Subtracts, or adds."""
        return x["x"] - x["y"] if isinstance(x, dict) else x + y


@brought(structure(x=floats(4), y=floats(4)))
def subclassed_called_with_a_dictionary_of_its_arguments_names():
    model = Either()
    model({"x": np.zeros((2, 4), "float32"), "y": np.zeros((2, 4), "float32")})
    return model


# What a second hostile round found


@brought(lambda n: [floats(4)(n), np.array(2.5, "float32")])
def a_scalar_beside_the_batch():
    x = keras.Input((4,))
    temperature = keras.Input(batch_shape=(), name="temperature")
    return keras.Model([x, temperature], layers.Dense(3)(x) / temperature)


class CountingInside(keras.Model):
    """Counts in a function of its own, behind a call in the graph."""

    def __init__(self):
        super().__init__()
        self.count = tf.Variable(0.0, trainable=False)

    @tf.function
    def call(self, x):
        """Doubles."""
        self.count.assign_add(1.0)
        return x * 2.0


@brought(floats(4), refused="assigns to a tf.Variable in its call")
def subclassed_that_counts_in_a_function():
    model = CountingInside()
    model(np.zeros((2, 4), "float32"))
    return model
