"""Brought models whose inputs are texts, categories and numbers to be binned."""

import keras
import numpy as np
from keras import layers

from .brought import ONLY_SAVED_MODEL, brought, floats, ids, structure, words

_TEXTS = ["a good film", "a bad film", "good"]


def _vectorized(**options):
    x = keras.Input((), dtype="string")
    layer = layers.TextVectorization(**options)
    layer.adapt(_TEXTS)
    return keras.Model(x, layer(x))


@brought(words(), formats=ONLY_SAVED_MODEL)
def text_as_tf_idf():
    x = keras.Input((), dtype="string")
    layer = layers.TextVectorization(output_mode="tf_idf", max_tokens=10)
    layer.adapt(_TEXTS)
    return keras.Model(x, layers.Dense(2)(layer(x)))


@brought(words(), formats=ONLY_SAVED_MODEL)
def text_as_counts():
    return _vectorized(output_mode="count")


@brought(words(), formats=ONLY_SAVED_MODEL)
def text_as_a_set():
    return _vectorized(output_mode="multi_hot", pad_to_max_tokens=True, max_tokens=9)


@brought(words(), formats=ONLY_SAVED_MODEL)
def text_as_pairs_of_words():
    return _vectorized(ngrams=2, output_sequence_length=5)


@brought(words(), formats=ONLY_SAVED_MODEL)
def text_as_characters():
    return _vectorized(split="character", output_sequence_length=7, standardize=None)


@brought(words(1), formats=ONLY_SAVED_MODEL)
def text_of_a_given_vocabulary_with_an_own_standard():
    def cleaned(text):
        import tensorflow as tf

        return tf.strings.regex_replace(tf.strings.upper(text), "[AEIOU]", "")

    x = keras.Input((1,), dtype="string")
    layer = layers.TextVectorization(
        standardize=cleaned, vocabulary=["FLM", "GD"], output_sequence_length=4
    )
    y = layers.Embedding(4, 3, mask_zero=True)(layer(x))
    return keras.Model(x, layers.GlobalAveragePooling1D()(y))


@brought(words(), formats=ONLY_SAVED_MODEL)
def sequential_of_text():
    layer = layers.TextVectorization(output_sequence_length=4)
    layer.adapt(_TEXTS)
    return keras.Sequential(
        [
            keras.Input((), dtype="string"),
            layer,
            layers.Embedding(layer.vocabulary_size(), 4, mask_zero=True),
            layers.Bidirectional(layers.LSTM(3)),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


# Lookups


@brought(words(3))
def strings_to_one_hot():
    x = keras.Input((3,), dtype="string")
    layer = layers.StringLookup(vocabulary=["bad", ""], output_mode="multi_hot")
    return keras.Model(x, layer(x))


@brought(words(3), formats=ONLY_SAVED_MODEL)
def strings_with_several_unknown_ids():
    x = keras.Input((3,), dtype="string")
    return keras.Model(x, layers.StringLookup(vocabulary=["bad"], num_oov_indices=3)(x))


@brought(words(3))
def strings_with_a_mask():
    x = keras.Input((3,), dtype="string")
    layer = layers.StringLookup(vocabulary=["bad"], mask_token="")
    return keras.Model(x, layers.Embedding(3, 2, mask_zero=True)(layer(x)))


@brought(words(3))
def strings_as_tf_idf():
    x = keras.Input((3,), dtype="string")
    layer = layers.StringLookup(output_mode="tf_idf")
    layer.adapt(np.array([["bad", "a good film"], ["bad", ""]]))
    return keras.Model(x, layer(x))


@brought(ids(9, 3))
def integers_to_counts():
    x = keras.Input((3,), dtype="int64")
    layer = layers.IntegerLookup(vocabulary=[3, 5, 7], output_mode="count")
    return keras.Model(x, layer(x))


@brought(ids(9, 3), formats=ONLY_SAVED_MODEL)
def integers_with_a_mask_and_without_unknown_ones():
    x = keras.Input((3,), dtype="int64")
    layer = layers.IntegerLookup(
        vocabulary=[*range(1, 9)], mask_token=0, num_oov_indices=0
    )
    return keras.Model(x, layers.Dense(2)(layers.Embedding(9, 3)(layer(x))))


@brought(words(3), formats=ONLY_SAVED_MODEL)
def hashed_strings():
    x = keras.Input((3,), dtype="string")
    return keras.Model(x, layers.Hashing(num_bins=5)(x))


@brought(words(3), formats=ONLY_SAVED_MODEL)
def hashed_strings_with_a_salt():
    x = keras.Input((3,), dtype="string")
    return keras.Model(x, layers.Hashing(num_bins=5, salt=[7, 8], mask_value="")(x))


@brought(ids(90, 3), formats=ONLY_SAVED_MODEL)
def hashed_integers():
    x = keras.Input((3,), dtype="int32")
    return keras.Model(x, layers.Hashing(num_bins=5, output_mode="one_hot")(x))


@brought(structure(a=words(1), b=words(1)), formats=ONLY_SAVED_MODEL)
def hashed_crosses():
    a = keras.Input((1,), name="a", dtype="string")
    b = keras.Input((1,), name="b", dtype="string")
    layer = layers.HashedCrossing(num_bins=6, output_mode="one_hot")
    return keras.Model({"a": a, "b": b}, layer((a, b)))


# Bins


@brought(floats(3, scale=3.0))
def bins_of_given_boundaries():
    x = keras.Input((3,))
    return keras.Model(
        x, layers.Discretization(bin_boundaries=[-1.0, 0.0, 0.5, 2.0])(x)
    )


@brought(floats(3))
def bins_that_were_measured():
    x = keras.Input((3,))
    layer = layers.Discretization(num_bins=4, output_mode="one_hot")
    layer.adapt(np.random.default_rng(0).normal(size=(100, 3)))
    return keras.Model(x, layer(x))


@brought(ids(4, 3))
def categories_as_counts():
    x = keras.Input((3,), dtype="int32")
    layer = layers.CategoryEncoding(num_tokens=4, output_mode="count")
    return keras.Model(x, layers.Dense(2)(layer(x)))


@brought(ids(4, 3))
def categories_as_a_set():
    return keras.Sequential(
        [
            keras.Input((3,), dtype="int64"),
            layers.CategoryEncoding(num_tokens=4, output_mode="multi_hot"),
            layers.Dense(2),
        ]
    )


@brought(structure(code=ids(4, 1), kind=words(1), size=floats(1)))
def a_feature_space():
    feature = keras.utils.FeatureSpace
    space = feature(
        features={
            "size": feature.float_normalized(),
            "kind": feature.string_categorical(num_oov_indices=1),
            "code": feature.integer_categorical(num_oov_indices=1),
        },
        output_mode="concat",
    )
    import tensorflow as tf

    table = {
        "size": np.arange(8.0).reshape(8, 1),
        "kind": np.array([["bad"], ["a good film"]] * 4),
        "code": np.arange(8).reshape(8, 1) % 4,
    }
    space.adapt(tf.data.Dataset.from_tensor_slices(table))
    encoded = space.get_encoded_features()
    return keras.Model(dict(space.get_inputs()), layers.Dense(1)(encoded))


@brought(floats(3))
def normalization_that_is_inverted():
    x = keras.Input((3,))
    layer = layers.Normalization(mean=[1, 2, 3], variance=[4, 5, 6], invert=True)
    return keras.Model(x, layer(x))


# Layers of images that only training uses


@brought(floats(12, 12, 3))
def augmentation():
    return keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            layers.RandomFlip(),
            layers.RandomRotation(0.1),
            layers.RandomZoom(0.1),
            layers.RandomContrast(0.1),
            layers.RandomTranslation(0.1, 0.1),
            layers.RandomCrop(8, 8),
            layers.GaussianNoise(0.1),
            layers.CenterCrop(6, 6),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )


# Assertions: what a model refuses, its artifact refuses; ONNX has no way to say it


@brought(lambda n: np.array([["bad"], ["fine"]] * n)[:n], formats=ONLY_SAVED_MODEL)
def words_of_a_closed_vocabulary():
    x = keras.Input((1,), dtype="string")
    layer = layers.StringLookup(vocabulary=["bad", "fine"], num_oov_indices=0)
    return keras.Model(x, layers.Embedding(2, 3)(layer(x)))


@brought(lambda n: np.array([[3], [5]] * n)[:n], formats=ONLY_SAVED_MODEL)
def ids_of_a_closed_vocabulary():
    x = keras.Input((1,), dtype="int64")
    layer = layers.IntegerLookup(vocabulary=[3, 5], num_oov_indices=0)
    return keras.Model(x, layer(x))


class Checked(layers.Layer):
    def __init__(self, check):
        super().__init__()
        self.check = check

    def call(self, x):
        return self.check(x)


def _below_a_thousand(x):
    import tensorflow as tf

    with tf.control_dependencies([tf.debugging.assert_less(x, 1000.0)]):
        return tf.identity(x)


@brought(floats(3), formats=ONLY_SAVED_MODEL)
def an_assertion_about_numbers():
    return keras.Sequential([keras.Input((3,)), Checked(_below_a_thousand)])


@brought(floats(3), formats=ONLY_SAVED_MODEL)
def an_assertion_in_a_function():
    import tensorflow as tf

    checked = tf.function(_below_a_thousand)
    return keras.Sequential([keras.Input((3,)), Checked(checked)])


@brought(floats(3), formats=ONLY_SAVED_MODEL)
def numbers_that_are_checked():
    def check(x):
        import tensorflow as tf

        return tf.debugging.check_numerics(x, "not finite")

    return keras.Sequential([keras.Input((3,)), Checked(check)])


@brought(floats(5, 3), formats=ONLY_SAVED_MODEL)
def an_assertion_about_a_length():
    def check(x):
        import tensorflow as tf

        tf.debugging.assert_less(tf.shape(x)[1], 100)
        return x

    return keras.Sequential([keras.Input((None, 3)), Checked(check)])


@brought(floats(3))
def an_assertion_about_a_known_size():
    def check(x):
        import tensorflow as tf

        tf.debugging.assert_less(tf.shape(x)[1], 100)
        return x * 2

    return keras.Sequential([keras.Input((3,)), Checked(check)])
