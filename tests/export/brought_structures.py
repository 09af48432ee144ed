"""Brought models of several parts: nested, recurrent, masked, frozen, loaded."""

import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

import custom_layers

from .brought import brought, floats, ids, several, structure

# Nested, with shared layers


@brought(several(floats(6), floats(6)))
def nested_models_that_share_layers():
    shared = layers.Dense(4, activation="relu")
    x = keras.Input((6,))
    first = keras.Model(x, layers.Dense(3)(shared(x)))
    second = keras.Sequential([keras.Input((6,)), shared, layers.Dense(3)])
    a, b = keras.Input((6,), name="a"), keras.Input((6,), name="b")
    both = layers.Add()([first(a), second(b), first(b)])
    return keras.Model([a, b], {"sum": both, "first": first(a)})


@brought(floats(6))
def a_model_within_a_model_within_a_model():
    inner = keras.Sequential([layers.Dense(4), layers.BatchNormalization()])
    x = keras.Input((6,))
    middle = keras.Model(x, inner(layers.Dense(5)(x)))
    return keras.Sequential([keras.Input((6,)), middle, layers.Dropout(0.3)])


@brought(several(floats(6), floats(6)))
def a_nested_model_of_two_inputs_and_two_outputs():
    a, b = keras.Input((6,)), keras.Input((6,))
    inner = keras.Model([a, b], [layers.Add()([a, b]), layers.Dense(2)(a)])
    c, d = keras.Input((6,), name="c"), keras.Input((6,), name="d")
    total, scores = inner([d, c])
    return keras.Model([c, d], [scores, layers.Dense(3)(total)])


class Heads(keras.Model):
    """Returns a dictionary of what two nested models give."""

    def __init__(self):
        super().__init__()
        self.body = keras.Sequential([layers.Dense(5, activation="relu")])
        self.heads = {"kind": layers.Dense(3), "size": layers.Dense(1)}

    def call(self, x, training=False):
        """Applies the body, then each head."""
        hidden = self.body(x, training=training)
        found = {name: head(hidden) for name, head in self.heads.items()}
        return found | {"parts": (hidden, [hidden[:, :2]])}


@brought(floats(6))
def subclassed_with_outputs_in_a_dictionary():
    model = Heads()
    model(np.zeros((2, 6), "float32"))
    return model


@keras.saving.register_keras_serializable("brought")
class Residual(layers.Layer):
    """Holds layers in a list."""

    def __init__(self, **options):
        super().__init__(**options)
        self.parts = [layers.Dense(6, activation="tanh") for _ in range(3)]

    def call(self, x, mask=None):
        """Adds each layer to what comes in."""
        for part in self.parts:
            x = x + part(x)
        return x


@brought(floats(6))
def a_custom_layer_that_is_registered():
    x = keras.Input((6,))
    return keras.Model(x, layers.Dense(2)(Residual()(x)))


class Scaled(layers.Layer):
    """Is registered nowhere."""

    def build(self, shape):
        """Makes a weight."""
        self.scale = self.add_weight(shape=(shape[-1],), initializer="random_normal")

    def call(self, x):
        """Multiplies by it."""
        return x * self.scale


@brought(floats(6))
def a_custom_layer_that_is_registered_nowhere():
    x = keras.Input((6,))
    return keras.Model(x, Scaled()(layers.Dense(6)(x)))


# Recurrent


@brought(floats(5, 3))
def gru_with_its_state_in_a_nested_model():
    x = keras.Input((5, 3))
    inner = keras.Model(x, layers.GRU(4, return_sequences=True, return_state=True)(x))
    y = keras.Input((5, 3))
    steps, state = inner(y)
    return keras.Model(y, {"last": layers.Dense(2)(state), "steps": steps})


@brought(floats(5, 3))
def lstm_with_its_states_in_a_nested_sequential():
    encoder = keras.Sequential(
        [keras.Input((5, 3)), layers.LSTM(4, return_sequences=True), layers.LSTM(3)]
    )
    x = keras.Input((5, 3))
    _, h, c = layers.LSTM(4, return_state=True)(x)
    return keras.Model(x, [encoder(x), h, c])


@brought(structure(source=ids(11, 6), teacher=ids(13, 5)))
def a_translator_with_a_teacher():
    source = keras.Input((None,), dtype="int32", name="source")
    teacher = keras.Input((None,), dtype="int32", name="teacher")
    y = layers.Embedding(11, 4, mask_zero=True)(source)
    _, h, c = layers.LSTM(5, return_state=True)(y)
    z = layers.Embedding(13, 4, mask_zero=True)(teacher)
    steps, *_ = layers.LSTM(5, return_sequences=True, return_state=True)(
        z, initial_state=[h, c]
    )
    scores = layers.Dense(13, activation="softmax")(steps)
    return keras.Model({"source": source, "teacher": teacher}, scores)


@brought(structure(source=ids(11, 6), teacher=ids(13, 5)))
def a_translator_with_attention():
    source = keras.Input((None,), dtype="int32", name="source")
    teacher = keras.Input((None,), dtype="int32", name="teacher")
    y = layers.Embedding(11, 4, mask_zero=True)(source)
    encoded = layers.Bidirectional(layers.GRU(3, return_sequences=True))(y)
    z = layers.Embedding(13, 6, mask_zero=True)(teacher)
    steps = layers.GRU(6, return_sequences=True)(z)
    found = layers.MultiHeadAttention(2, 3)(steps, encoded, use_causal_mask=False)
    return keras.Model(
        {"source": source, "teacher": teacher}, layers.Dense(13)(steps + found)
    )


@brought(floats(3, 5, 4))
def an_lstm_at_each_step():
    x = keras.Input((3, 5, 4))
    y = layers.TimeDistributed(layers.LSTM(3))(x)
    return keras.Model(x, layers.LSTM(2)(y))


@brought(floats(3, 5, 4))
def an_lstm_at_each_step_of_open_time():
    x = keras.Input((None, 5, 4))
    y = layers.TimeDistributed(layers.LSTM(3))(x)
    return keras.Model(x, layers.GlobalMaxPooling1D()(y))


@brought(ids(9, 4, 6))
def a_model_of_words_at_each_sentence():
    word = keras.Input((6,), dtype="int32")
    y = layers.Embedding(9, 4, mask_zero=True)(word)
    sentence = keras.Model(word, layers.Bidirectional(layers.GRU(3))(y))
    x = keras.Input((4, 6), dtype="int32")
    y = layers.TimeDistributed(sentence)(x)
    return keras.Model(x, layers.Dense(2)(layers.GRU(3)(y)))


@brought(floats(5, 4))
def bidirectional_of_two_kinds():
    x = keras.Input((5, 4))
    layer = layers.Bidirectional(
        layers.LSTM(3, return_sequences=True),
        backward_layer=layers.GRU(2, return_sequences=True, go_backwards=True),
    )
    return keras.Model(x, layer(x))


@brought(ids(9, 6))
def bidirectional_of_two_kinds_with_a_mask():
    x = keras.Input((None,), dtype="int32")
    y = layers.Embedding(9, 4, mask_zero=True)(x)
    layer = layers.Bidirectional(
        layers.GRU(3),
        backward_layer=layers.SimpleRNN(3, go_backwards=True),
        merge_mode="mul",
    )
    return keras.Model(x, layer(y))


@brought(floats(5, 4))
def bidirectional_with_its_states():
    x = keras.Input((5, 4))
    return keras.Model(
        x, layers.Bidirectional(layers.LSTM(3, return_state=True), merge_mode="ave")(x)
    )


@brought(floats(5, 4))
def stacked_cells():
    x = keras.Input((5, 4))
    cells = [layers.LSTMCell(3), layers.GRUCell(2)]
    return keras.Model(x, layers.RNN(cells, return_state=True)(x))


@keras.saving.register_keras_serializable("brought")
class Leaky(layers.Layer):
    """A cell of the user's own."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = self.state_size = units

    def build(self, shape):
        """Makes the weights."""
        self.kernel = self.add_weight(shape=(shape[-1], self.units))

    def call(self, x, states):
        """Forgets a tenth."""
        state = 0.9 * states[0] + ops.tanh(ops.matmul(x, self.kernel))
        return state, [state]


@brought(ids(9, 6))
def a_cell_of_its_own_with_a_mask():
    x = keras.Input((None,), dtype="int32")
    y = layers.Embedding(9, 4, mask_zero=True)(x)
    return keras.Model(x, layers.RNN(Leaky(3), return_sequences=True)(y))


@brought(floats(4, 6, 6, 2))
def convolutional_lstm():
    x = keras.Input((4, 6, 6, 2))
    return keras.Model(x, layers.ConvLSTM2D(3, 3, return_sequences=True)(x))


@brought(floats(5, 4))
def recurrence_backwards_and_unrolled():
    x = keras.Input((5, 4))
    y = layers.GRU(3, go_backwards=True, return_sequences=True, reset_after=False)(x)
    return keras.Model(x, layers.LSTM(2, unroll=True, use_bias=False)(y))


@brought(floats(5, 4))
def recurrence_with_dropout_and_other_activations():
    x = keras.Input((5, 4))
    y = layers.LSTM(3, activation="relu", recurrent_dropout=0.2, return_sequences=True)
    z = layers.GRU(3, recurrent_activation="hard_sigmoid", dropout=0.2)
    return keras.Model(x, z(y(x)))


@brought(floats(5, 4))
def recurrence_of_steps_in_front():
    x = keras.Input((5, 4))
    steps = ops.transpose(x, (1, 0, 2))
    y = layers.Bidirectional(custom_layers.LSTM(3))(ops.transpose(steps, (1, 0, 2)))
    return keras.Model(x, y)


# Masks


@brought(ids(9, 6))
def a_mask_through_several_layers():
    x = keras.Input((None,), dtype="int32")
    y = layers.Embedding(9, 4, mask_zero=True)(x)
    y = layers.Dropout(0.1)(layers.Dense(4, activation="relu")(y))
    y = layers.LayerNormalization()(
        layers.Add()([y, layers.LSTM(4, return_sequences=True)(y)])
    )
    return keras.Model(x, layers.GlobalAveragePooling1D()(y))


@brought(several(ids(9, 6), ids(9, 6)))
def masks_that_meet():
    a = keras.Input((6,), dtype="int32", name="a")
    b = keras.Input((6,), dtype="int32", name="b")
    embed = layers.Embedding(9, 4, mask_zero=True)
    y = layers.Concatenate()([embed(a), embed(b)])
    return keras.Model([a, b], layers.GRU(3)(y))


@brought(ids(9, 6))
def masked_softmax_and_attention():
    x = keras.Input((6,), dtype="int32")
    y = layers.Embedding(9, 4, mask_zero=True)(x)
    scores, weights = layers.MultiHeadAttention(2, 3)(
        y, y, return_attention_scores=True, use_causal_mask=True
    )
    pooled = layers.Attention(use_scale=True, score_mode="concat")([scores, y])
    return keras.Model(x, [pooled, weights])


@brought(structure(x=floats(6, 3), keep=lambda n: ids(2, 6)(n) > 0))
def a_mask_that_is_given():
    x = keras.Input((6, 3), name="x")
    keep = keras.Input((6,), name="keep", dtype="bool")
    return keras.Model({"x": x, "keep": keep}, layers.LSTM(3)(x, mask=keep))


@keras.saving.register_keras_serializable("brought")
class Shortened(layers.Layer):
    """Hands a mask of its own on."""

    def __init__(self, **options):
        super().__init__(**options)
        self.supports_masking = True

    def call(self, x, mask=None):
        """Takes every other step."""
        return x[:, ::2]

    def compute_mask(self, x, mask=None):
        """Takes every other part of the mask."""
        return None if mask is None else mask[:, ::2]


@brought(ids(9, 6))
def a_mask_of_a_custom_layer():
    x = keras.Input((6,), dtype="int32")
    y = Shortened()(layers.Embedding(9, 4, mask_zero=True)(x))
    return keras.Model(x, layers.SimpleRNN(3)(y))


# Normalization


def _normalized(**options):
    layer = layers.BatchNormalization(**options)
    x = keras.Input((6,))
    model = keras.Model(x, layers.Dense(2)(layer(layers.Dense(4)(x))))
    model.compile("sgd", "mse")
    data = np.random.default_rng(0).normal(2, 3, size=(32, 6))
    model.fit(data, np.zeros((32, 2)), verbose=0)
    return model, layer


@brought(floats(6))
def batch_normalization_that_was_trained():
    return _normalized()[0]


@brought(floats(6))
def batch_normalization_that_is_frozen():
    model, layer = _normalized(scale=False, momentum=0.5)
    layer.trainable = False
    return model


@brought(floats(6))
def batch_normalization_without_center_on_another_axis():
    model, _ = _normalized(center=False, axis=1)
    model.trainable = False
    return model


@brought(floats(8, 8, 6))
def normalizations_of_other_kinds():
    x = keras.Input((8, 8, 6))
    y = layers.GroupNormalization(3)(layers.Conv2D(6, 3)(x))
    y = layers.SpectralNormalization(layers.Conv2D(4, 3))(y)
    y = layers.UnitNormalization()(layers.RMSNormalization()(y))
    return keras.Model(x, layers.LayerNormalization(axis=[1, 2, 3])(y))


@keras.saving.register_keras_serializable("brought")
class Always(layers.Layer):
    """Normalizes with the batch even in inference."""

    def __init__(self, **options):
        super().__init__(**options)
        self.inner = layers.BatchNormalization()

    def call(self, x):
        """Calls its layer as in training."""
        return self.inner(x, training=True)


@brought(floats(6))
def batch_normalization_that_trains_in_inference():
    x = keras.Input((6,))
    return keras.Model(x, Always()(x))


@brought(floats(6))
def dropout_that_is_on_in_inference():
    x = keras.Input((6,))
    return keras.Model(
        x, layers.Dropout(0.5, seed=3)(layers.Dense(4)(x), training=True)
    )


# Files and inputs of other kinds


@brought(floats(6))
def a_file_of_keras_in_h5():
    x = keras.Input((6,))
    y = layers.Dense(4, activation="relu")(x)
    model = keras.Model(x, layers.Dense(2, activation="softmax")(y))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.h5")
        keras.models.save_model(model, path)
        return keras.models.load_model(path)


@brought(floats(6), refused="is sparse or ragged")
def ragged_input():
    x = keras.Input((None, 3), ragged=True)
    return keras.Model(x, layers.Dense(2)(x))


class Ragged(keras.Model):
    """Makes rows of several lengths inside."""

    def call(self, x):
        """Sums the positive numbers of each row."""
        return tf.reduce_sum(tf.ragged.boolean_mask(x, x > 0), axis=1)


@brought(floats(6))
def ragged_rows_inside():
    model = Ragged()
    model(np.ones((2, 6), "float32"))
    return model


class RaggedOutput(keras.Model):
    """Returns rows of several lengths."""

    def call(self, x):
        """Returns the positive numbers of each row."""
        return tf.ragged.boolean_mask(x, x > 0)


@brought(floats(6), refused="returns RaggedTensor among its outputs")
def ragged_output():
    model = RaggedOutput()
    model(np.ones((2, 6), "float32"))
    return model


@brought(floats(6))
def a_lambda_of_two_tensors():
    x = keras.Input((6,))
    a, b = layers.Dense(3)(x), layers.Dense(3)(x)
    product = layers.Lambda(lambda pair: pair[0] * ops.sigmoid(pair[1]))
    return keras.Model(x, layers.Lambda(ops.softmax)(product([a, b])))


@brought(floats(6), refused="SeedGenerator that a layer holds as an attribute")
def sampling_in_a_lambda():
    generator = keras.random.SeedGenerator(1)
    x = keras.Input((6,))
    layer = layers.Lambda(
        lambda y: y + keras.random.normal(ops.shape(y), seed=generator)
    )
    return keras.Model(x, layer(layers.Dense(3)(x)))


@brought(structure(x=floats(6), y=floats(6)))
def an_optional_input():
    x = keras.Input((6,), name="x")
    y = keras.Input((6,), name="y", optional=True)

    class Sum(layers.Layer):
        def call(self, first, second=None):
            return first if second is None else first + second

    return keras.Model({"x": x, "y": y}, Sum()(x, y))
