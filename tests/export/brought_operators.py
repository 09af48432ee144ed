"""Brought models of operators that few models have."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from .brought import ONLY_SAVED_MODEL, brought, floats, ids, several


def _of(function, *shape, dtype="float32"):
    x = keras.Input(shape, dtype=dtype)
    return keras.Model(x, function(x))


@keras.saving.register_keras_serializable("brought")
class Applied(layers.Layer):
    """Applies a function."""

    def __init__(self, function, **options):
        super().__init__(**options)
        self.function = function

    def call(self, *inputs):
        """Applies it."""
        return self.function(*inputs)


def _called(function, *shape):
    model = keras.Sequential([Applied(function)])
    model(np.ones((2, *shape), "float32"))
    return model


# Sound


@brought(floats(2048), formats=ONLY_SAVED_MODEL)
def mel_spectrogram():
    layer = layers.MelSpectrogram(
        num_mel_bins=20, sampling_rate=8000, sequence_stride=128, fft_length=256
    )
    return _of(layer, 2048)


@brought(floats(4096), formats=ONLY_SAVED_MODEL)
def mel_spectrogram_of_open_length():
    return _of(layers.MelSpectrogram(num_mel_bins=20), None)


@brought(floats(2048, 1))
def stft_spectrogram():
    layer = layers.STFTSpectrogram(
        mode="log", frame_length=256, frame_step=128, fft_length=256
    )
    return _of(layer, 2048, 1)


@brought(floats(2048, 1))
def stft_spectrogram_with_angles():
    layer = layers.STFTSpectrogram(
        mode="real", frame_length=256, frame_step=128, window="hamming"
    )
    return _of(layer, 2048, 1)


@brought(floats(512), formats=ONLY_SAVED_MODEL)
def stft_and_its_inverse():
    def function(x):
        parts = ops.stft(x, 64, 16, 64)
        return ops.istft(parts, 64, 16, 64)

    return _of(function, 512)


# Fourier


@brought(floats(16), formats=ONLY_SAVED_MODEL)
def fft_of_real_numbers():
    return _of(lambda x: list(ops.rfft(x)), 16)


@brought(floats(15), formats=ONLY_SAVED_MODEL)
def fft_of_an_odd_length():
    return _of(lambda x: list(ops.rfft(x)), 15)


@brought(floats(16), formats=ONLY_SAVED_MODEL)
def fft_and_its_inverse():
    return _of(lambda x: ops.irfft(ops.rfft(x * 2.0)), 16)


@brought(several(floats(16), floats(16)), formats=ONLY_SAVED_MODEL)
def fft_of_complex_numbers():
    a, b = keras.Input((16,), name="real"), keras.Input((16,), name="imaginary")
    return keras.Model([a, b], list(ops.fft((a, b))))


@brought(several(floats(8, 8), floats(8, 8)), formats=ONLY_SAVED_MODEL)
def fft_in_two_dimensions():
    a, b = keras.Input((8, 8), name="real"), keras.Input((8, 8), name="imaginary")
    return keras.Model([a, b], list(ops.fft2((a, b))))


@keras.saving.register_keras_serializable("brought")
class Mixing(layers.Layer):
    """Mixes tokens as FNet does."""

    def call(self, x):
        """Returns the real part of a transform along both axes."""
        return ops.fft2((x, ops.zeros_like(x)))[0]


@brought(floats(6, 8), formats=ONLY_SAVED_MODEL)
def fourier_mixing():
    return _of(lambda x: layers.LayerNormalization()(x + Mixing()(x)), 6, 8)


# Linear algebra


def _positive(x):
    return ops.matmul(x, ops.transpose(x, (0, 2, 1))) + 3 * ops.eye(4)


@brought(floats(4, 4), formats=ONLY_SAVED_MODEL)
def cholesky():
    return _called(lambda x: ops.cholesky(_positive(x)), 4, 4)


@brought(floats(4, 4), formats=ONLY_SAVED_MODEL)
def inverse_and_determinant():
    return _called(lambda x: [ops.inv(_positive(x)), ops.det(_positive(x))], 4, 4)


@brought(floats(4, 4), formats=ONLY_SAVED_MODEL)
def solve():
    return _called(lambda x: ops.solve(_positive(x), x), 4, 4)


@brought(floats(4, 4), formats=ONLY_SAVED_MODEL)
def triangular_solve():
    return _called(
        lambda x: ops.solve_triangular(ops.cholesky(_positive(x)), x, lower=True), 4, 4
    )


@brought(floats(4, 4), formats=ONLY_SAVED_MODEL)
def eigenvalues():
    return _called(lambda x: ops.eigh(_positive(x))[0], 4, 4)


@brought(floats(4, 4), formats=ONLY_SAVED_MODEL)
def singular_values():
    return _called(lambda x: ops.svd(x, compute_uv=False), 4, 4)


@brought(floats(4, 3), formats=ONLY_SAVED_MODEL)
def qr():
    return _called(lambda x: ops.abs(ops.qr(x)[1]), 4, 3)


@brought(floats(4, 3))
def norms():
    return _called(
        lambda x: [
            ops.norm(x, axis=-1),
            ops.norm(x, ord=1, axis=(1, 2)),
            ops.norm(x, ord="fro", axis=(1, 2)),
            ops.normalize(x, axis=-1, order=2),
        ],
        4,
        3,
    )


@brought(floats(3), formats=ONLY_SAVED_MODEL)
def cross_and_outer():
    return _called(
        lambda x: [ops.cross(x, x[:, ::-1]), ops.einsum("bi,bj->bij", x, x)], 3
    )


# Control flow


@brought(floats(4))
def a_while_loop():
    def function(x):
        return ops.while_loop(
            lambda i, y: i < 5, lambda i, y: (i + 1, ops.tanh(y) + x), (0, x)
        )[1]

    return _called(function, 4)


@brought(floats(4))
def a_while_loop_until_the_numbers_say_so():
    def function(x):
        return ops.while_loop(
            lambda y: ops.max(ops.abs(y)) > 0.1, lambda y: (y / 2,), (x,)
        )[0]

    return _called(function, 4)


@brought(floats(4))
def a_loop_of_a_known_number():
    return _called(lambda x: ops.fori_loop(0, 4, lambda i, y: y * 0.5 + x, x), 4)


@brought(floats(4))
def a_condition_on_the_numbers():
    return _called(lambda x: ops.cond(ops.sum(x) > 0, lambda: x * 2, lambda: x - 1), 4)


@brought(floats(4), formats=ONLY_SAVED_MODEL)
def a_switch():
    def function(x):
        index = ops.cast(ops.sum(x) > 0, "int32")
        return ops.switch(index, [lambda y: y * 2, lambda y: y - 1], x)

    return _called(function, 4)


@brought(floats(6, 4), formats=ONLY_SAVED_MODEL)
def a_scan():
    def function(x):
        steps = ops.transpose(x, (1, 0, 2))
        last, every = ops.scan(
            lambda h, step: (ops.tanh(h + step),) * 2, ops.zeros_like(x[:, 0]), steps
        )
        return [last, ops.transpose(every, (1, 0, 2))]

    return _called(function, 6, 4)


@brought(floats(6, 4))
def a_vectorized_map():
    return _called(
        lambda x: ops.vectorized_map(
            lambda row: ops.matmul(row, ops.transpose(row)), x
        ),
        6,
        4,
    )


@brought(floats(4))
def a_map():
    return _called(lambda x: ops.map(lambda row: ops.cumsum(row) * 2, x), 4)


@brought(floats(4))
def a_function_with_branches_of_autograph():
    @tf.function
    def function(x):
        total = tf.zeros_like(x)
        for i in tf.range(tf.shape(x)[0] + 2):
            if i % 2 == 0:
                total += x
        return total

    return _called(function, 4)


@brought(floats(4))
def a_condition_on_the_number_of_rows():
    @tf.function
    def function(x):
        return x * 2.0 if tf.shape(x)[0] > 2 else x

    return _called(function, 4)


# Others


@brought(floats(9))
def sorting_and_ranks():
    return _of(
        lambda x: [ops.sort(x), ops.argsort(x), *ops.top_k(x, 3), ops.flip(x, 1)], 9
    )


@brought(floats(9))
def cumulative_sums():
    return _of(lambda x: [ops.cumsum(x, 1), ops.cumprod(x, 1), ops.diff(x)], 9)


@brought(floats(9), formats=ONLY_SAVED_MODEL)
def searching_and_counting():
    return _called(
        lambda x: [
            ops.searchsorted(ops.convert_to_tensor([-1.0, 0.0, 1.0]), x[0]),
            ops.digitize(x, np.array([-1.0, 0.0, 1.0], "float32")),
        ],
        9,
    )


@brought(ids(5, 7))
def segments():
    return _of(lambda x: ops.one_hot(x, 5), 7, dtype="int32")


@brought(ids(5, 7))
def bincounts():
    return _of(lambda x: ops.bincount(x, minlength=5), 7, dtype="int32")


@brought(floats(6, 6, 2))
def patches_and_resizing():
    return _of(
        lambda x: [
            ops.image.extract_patches(x, (2, 2)),
            ops.image.resize(x, (9, 9), interpolation="bilinear"),
            ops.image.pad_images(x, 1, 1, target_height=9, target_width=9),
        ],
        6,
        6,
        2,
    )


@brought(floats(8, 8, 1), formats=ONLY_SAVED_MODEL)
def bicubic_resizing():
    return _of(
        lambda x: ops.image.resize(x, (12, 12), interpolation="bicubic"), 8, 8, 1
    )


@brought(floats(8, 8, 1), formats=ONLY_SAVED_MODEL)
def resizing_with_antialiasing():
    return _of(lambda x: ops.image.resize(x, (5, 5), antialias=True), 8, 8, 1)


@brought(floats(8, 8, 1), formats=ONLY_SAVED_MODEL)
def affine_transformation():
    def function(x):
        turned = ops.convert_to_tensor([[0.9, 0.2, 0.5, -0.2, 0.9, 1.0, 0.0, 0.0]])
        return ops.image.affine_transform(x, ops.repeat(turned, ops.shape(x)[0], 0))

    return _called(function, 8, 8, 1)


@brought(floats(4), formats=ONLY_SAVED_MODEL)
def special_functions():
    return _of(
        lambda x: [ops.erf(x), ops.erfinv(ops.tanh(x)), ops.log1p(ops.abs(x))], 4
    )


@brought(floats(4))
def activations():
    names = (
        "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh "
        "leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu "
        "soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid sparsemax "
        "squareplus tanh tanh_shrink"
    )
    return _of(lambda x: {n: layers.Activation(n)(x) for n in names.split()}, 4)


@brought(floats(4))
def rounding():
    return _of(lambda x: [ops.round(2 * x), ops.floor(x), ops.sign(x), ops.trunc(x)], 4)


@brought(floats(4))
def where_and_clip():
    return _of(lambda x: ops.where(x > 0, ops.clip(x, 0.1, 0.5), x / 3), 4)


@brought(floats(4))
def statistics():
    return _of(
        lambda x: [
            ops.var(x, 1),
            ops.median(x, 1),
            ops.quantile(x, 0.3, axis=1),
            ops.logsumexp(x, 1),
            ops.std(x, 0),
            ops.mean(x),
        ],
        4,
    )


@brought(floats(4))
def scatter_and_slices():
    def function(x):
        y = ops.scatter_update(x, [[0, 1]], ops.ones((1,)))
        return [
            y,
            ops.slice(x, (0, 1), (1, 2)),
            ops.take_along_axis(x, ops.argsort(x), 1),
        ]

    return _called(function, 4)


@brought(ids(9, 4))
def bits():
    def function(x):
        three = ops.full_like(x, 3)
        return [
            ops.bitwise_and(x, three),
            ops.bitwise_xor(x, three),
            ops.left_shift(x, three),
        ]

    return _of(function, 4, dtype="int32")


@brought(floats(4), formats=ONLY_SAVED_MODEL)
def complex_numbers_of_tensorflow():
    return _called(lambda x: tf.abs(tf.complex(x, 2 * x) ** 2), 4)


@brought(floats(4), formats=ONLY_SAVED_MODEL)
def a_complex_output():
    return _called(lambda x: tf.complex(x, 2 * x), 4)
