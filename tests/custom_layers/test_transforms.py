"""What transforms of images and of sound do beyond the shared checks."""

import keras
import numpy as np
import pytest

import custom_layers as cl

from .backends import numbers, tensorflow_only


def _image(*shape):
    return np.random.default_rng(1).normal(size=shape).astype("float32")


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (5, 12), (64, 30)])
def test_cosine_transform_is_that_of_scipy(size):
    fft = pytest.importorskip("scipy.fft")
    x = _image(2, *size, 3)
    y = numbers(cl.DCT2D()(x))
    expected = fft.dctn(x, axes=(1, 2), norm="ortho")
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)
    back = numbers(cl.DCT2D(inverse=True)(x))
    expected = fft.idctn(x, axes=(1, 2), norm="ortho")
    np.testing.assert_allclose(back, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("transform", [cl.DCT2D, cl.HaarWavelet2D])
@pytest.mark.parametrize("size", [(2, 2), (16, 10), (32, 64)])
def test_the_inverse_is_exact_and_energy_is_kept(transform, size):
    x = _image(2, *size, 3)
    y = transform()(x)
    np.testing.assert_allclose(
        numbers(transform(inverse=True)(y)), x, rtol=1e-5, atol=1e-5
    )
    np.testing.assert_allclose(np.sum(numbers(y) ** 2), np.sum(x**2), rtol=1e-5)
    rough = numbers(transform(inverse=True)(_image(2, *size, 4)))
    np.testing.assert_allclose(
        np.sum(rough**2), np.sum(_image(2, *size, 4) ** 2), rtol=1e-5
    )


def test_an_even_image_has_one_coefficient():
    x = np.ones((1, 4, 8, 2), "float32")
    y = numbers(cl.DCT2D()(x))
    np.testing.assert_allclose(y[0, 0, 0], [np.sqrt(32)] * 2, rtol=1e-5)
    np.testing.assert_allclose(np.abs(y).sum(), 2 * np.sqrt(32), rtol=1e-4)
    y = numbers(cl.HaarWavelet2D()(x))
    np.testing.assert_allclose(y[..., :2], 2)
    np.testing.assert_allclose(y[..., 2:], 0)


def test_edges_stand_in_the_band_of_their_direction():
    rows = np.zeros((1, 4, 4, 1), "float32")
    rows[:, 1] = 1
    y = numbers(cl.HaarWavelet2D()(rows))
    assert np.abs(y[..., 1]).max() == 1
    assert np.abs(y[..., 2:]).max() == 0
    y = numbers(cl.HaarWavelet2D()(np.swapaxes(rows, 1, 2)))
    assert np.abs(y[..., 2]).max() == 1
    assert np.abs(y[..., [1, 3]]).max() == 0


def test_an_approximation_can_be_split_again():
    x = _image(1, 8, 8, 2)
    split, join = cl.HaarWavelet2D(), cl.HaarWavelet2D(inverse=True)
    coarse = split(x)
    coarser = split(coarse[..., :2])
    again = keras.ops.concatenate([join(coarser), coarse[..., 2:]], axis=-1)
    np.testing.assert_allclose(numbers(join(again)), x, rtol=1e-5, atol=1e-5)


@tensorflow_only
def test_images_of_any_even_size_split():
    import tensorflow as tf

    layer = cl.HaarWavelet2D()
    spec = [tf.TensorSpec((None, None, None, 3))]
    traced = tf.function(lambda x: layer(x), input_signature=spec)
    for shape in ((2, 4, 6, 3), (1, 10, 2, 3)):
        x = _image(*shape)
        np.testing.assert_allclose(numbers(traced(x)), numbers(layer(x)), rtol=1e-6)


@pytest.mark.parametrize("shape", [(1, 3, 4, 1), (1, 4, 5, 1)])
def test_odd_images_are_refused(shape):
    with pytest.raises(ValueError, match=rf"even.*\({', '.join(map(str, shape))}\)"):
        cl.HaarWavelet2D()(_image(*shape))


def test_sub_bands_come_in_fours():
    with pytest.raises(ValueError, match=r"multiple of four.*\(1, 2, 2, 6\)"):
        cl.HaarWavelet2D(inverse=True)(_image(1, 2, 2, 6))


def test_sizes_of_a_cosine_transform_must_be_known():
    with pytest.raises(ValueError, match=r"must be known.*None, 4, 3"):
        cl.DCT2D()(keras.KerasTensor((2, None, 4, 3)))
    with pytest.raises(ValueError, match="ndim=4, found ndim=3"):
        cl.DCT2D()(_image(2, 4, 3))


def _sound(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@tensorflow_only
def test_log_mel_is_that_of_keras_within_its_padding():
    x = _sound(2, 4000)
    frame = {"sequence_length": 256, "sequence_stride": 64, "num_mel_bins": 20}
    ours = numbers(cl.LogMelSpectrogram(8000, **frame)(x))
    theirs = keras.layers.MelSpectrogram(
        fft_length=256, sampling_rate=8000, power_to_db=False, **frame
    )(x)
    # It pads half a frame, which is two strides, and has the bands first.
    expected = np.log(numbers(theirs)).swapaxes(1, 2)[:, 2 : 2 + ours.shape[1]]
    np.testing.assert_allclose(ours, expected, atol=1e-3)


def test_a_tone_is_heard_in_the_band_of_its_frequency():
    layer = cl.LogMelSpectrogram(8000, num_mel_bins=30)
    edges = np.linspace(*(1127 * np.log1p(np.array([20, 4000]) / 700)), 32)
    for band in (3, 10, 28):
        frequency = 700 * np.expm1(edges[band + 1] / 1127)
        tone = np.sin(2 * np.pi * frequency * np.arange(2000) / 8000)
        heard = numbers(layer(tone[None].astype("float32")))[0]
        assert set(heard.argmax(axis=-1)) == {band}


def test_silence_is_the_least_power_and_one_sample_counts():
    layer = cl.LogMelSpectrogram(8000, num_mel_bins=8, min_power=1e-6)
    silence = numbers(layer(np.zeros((1, 360), "float32")))
    np.testing.assert_allclose(silence, np.full((1, 3, 8), np.log(1e-6)), rtol=1e-6)
    # The frames are samples 0..199, 80..279 and 160..359.
    click = np.zeros((1, 360), "float32")
    click[0, 300] = 1
    heard = numbers(layer(click))[0] > np.log(1e-6)
    assert heard.all(axis=-1).tolist() == [False, False, True]


def test_samples_behind_the_last_frame_do_not_count():
    layer = cl.LogMelSpectrogram(8000, num_mel_bins=8)
    x = _sound(2, 439)  # frames of 200 samples, 80 apart: the last one ends at 360
    whole, cut = (numbers(layer(waves)) for waves in (x, x[:, :360]))
    assert whole.shape == (2, 3, 8)
    np.testing.assert_allclose(whole, cut, rtol=1e-5, atol=1e-5)


@tensorflow_only
def test_a_waveform_of_unknown_length():
    import tensorflow as tf

    layer, x = cl.LogMelSpectrogram(8000, num_mel_bins=8), _sound(2, 439)
    called = tf.function(layer, input_signature=[tf.TensorSpec((None, None))])
    np.testing.assert_allclose(called(x), layer(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"sampling_rate": 0}, "`sampling_rate` must be positive"),
        ({"num_mel_bins": 0}, "`num_mel_bins` must be positive"),
        ({"min_power": 0.0}, "`min_power` must be positive"),
        ({"sequence_length": 64, "fft_length": 32}, "at least `sequence_length`"),
        ({"sequence_stride": -1}, "`sequence_stride` must be 1 or more"),
        ({"max_freq": 9000.0}, "to half of the sampling rate, 8000"),
        ({"min_freq": 500.0, "max_freq": 400.0}, "must be ascending"),
    ],
)
def test_arguments_of_log_mel_that_cannot_be(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        cl.LogMelSpectrogram(**arguments)


def test_a_waveform_shorter_than_a_frame_is_refused():
    with pytest.raises(ValueError, match="a frame of 400 samples or more; pad it"):
        cl.LogMelSpectrogram()(np.zeros((1, 399), "float32"))
