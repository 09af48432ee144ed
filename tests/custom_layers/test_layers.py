"""What single layers do beyond the checks that all layers share."""

import keras
import numpy as np
import pytest
from keras import ops

import custom_layers as cl

from .backends import numbers, tensorflow_only
from .oracles import convolution


def test_bias_of_maps_as_wide_as_they_are_many():
    layer = cl.Conv2D(3, 2, strides=2, data_format="channels_first")
    layer.build((None, 4, 7, 6))
    rng = np.random.default_rng(1)
    kernel, bias = rng.normal(size=(2, 2, 4, 3)), rng.normal(size=3)
    layer.set_weights([kernel, bias])
    x = rng.normal(size=(2, 4, 7, 6))
    oracle = convolution.channels_first(convolution.conv)
    np.testing.assert_allclose(
        numbers(layer(x.astype("float32"))),
        oracle(x, kernel, bias, strides=(2, 2)),
        rtol=1e-5,
        atol=1e-5,
    )


def test_data_format_follows_keras():
    before = keras.config.image_data_format()
    try:
        keras.config.set_image_data_format("channels_first")
        assert cl.Conv2D(2, 3).data_format == "channels_first"
        assert cl.MaxPooling2D().data_format == "channels_first"
        assert cl.Flatten().data_format == "channels_first"
        scale = np.array([1.0, 2.0])
        x = np.ones((1, 2, 3, 4), "float32")
        ours, theirs = cl.Rescaling(scale)(x), keras.layers.Rescaling(scale)(x)
        np.testing.assert_allclose(numbers(ours), numbers(theirs))
    finally:
        keras.config.set_image_data_format(before)


def test_an_activation_of_keras_alone_serves_too():
    layer = cl.Dense(2, activation="celu")
    assert layer.activation is keras.activations.celu
    assert cl.Dense.from_config(layer.get_config()).activation is layer.activation
    leaky = cl.Dense(2, activation=keras.layers.LeakyReLU(0.3))
    copy = cl.Dense.from_config(leaky.get_config())
    assert copy.activation.negative_slope == 0.3
    assert cl.Dense(2, kernel_initializer="orthogonal").kernel_initializer.gain == 1.0
    layer.activation = None
    np.testing.assert_allclose(numbers(layer(np.zeros((1, 2)))), np.zeros((1, 2)))


def test_masks_pass_where_the_namesakes_let_them():
    mask = ops.array([[True, True, False]])
    x = np.ones((1, 3, 2), "float32")
    for layer in (cl.Dense(2), cl.Dropout(0.5), cl.Rescaling(2.0), cl.Normalization()):
        assert layer.compute_mask(ops.array(x), mask) is mask
        embedded = keras.layers.Masking()(x)
        assert getattr(layer(embedded), "_keras_mask", None) is not None


class TestFlatten:
    @pytest.mark.parametrize("shape", [(3,), (3, 0), (0, 4), (3, 2, 2)])
    def test_odd_shapes(self, shape):
        x = np.zeros(shape, "float32")
        assert tuple(cl.Flatten()(x).shape) == tuple(keras.layers.Flatten()(x).shape)

    def test_unknown_sizes(self):
        inputs = keras.Input((None, 3))
        model = keras.Model(inputs, cl.Flatten()(inputs))
        assert model.output_shape == (None, None)
        assert model.predict(np.ones((2, 4, 3)), verbose=0).shape == (2, 12)

    def test_integers_stay_integers(self):
        assert cl.Flatten()(keras.KerasTensor((2, 3), "int32")).dtype == "int32"
        y = cl.Flatten()(np.zeros((2, 3), "int32"))
        assert keras.backend.standardize_dtype(y.dtype) == "int32"


class TestDropout:
    def test_it_keeps_the_expectation(self):
        y = numbers(
            cl.Dropout(0.3, seed=1)(np.ones((200, 200), "float32"), training=True)
        )
        kept = np.float32(1 / 0.7)
        assert set(np.unique(y)) <= {0.0, kept}
        assert abs((y == 0).mean() - 0.3) < 0.01
        assert abs(y.mean() - 1) < 0.02

    @tensorflow_only
    @pytest.mark.parametrize("shape", [None, (None, 1), (4, 1)])
    @pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
    def test_a_seed_silences_what_the_namesake_silences(self, shape, dtype):
        x = np.random.default_rng(1).normal(size=(4, 50)).astype("float32")
        ours, theirs = (
            layer(0.4, noise_shape=shape, seed=9, dtype=dtype)
            for layer in (cl.Dropout, keras.layers.Dropout)
        )
        for _ in range(3):
            np.testing.assert_allclose(
                numbers(ours(x, training=True)),
                numbers(theirs(x, training=True)),
                rtol=2e-3,
            )

    def test_calls_differ_and_seeds_repeat(self):
        x = np.ones((5, 20), "float32")
        layer, again = cl.Dropout(0.5, seed=2), cl.Dropout(0.5, seed=2)
        first, second = (
            numbers(layer(x, training=True)),
            numbers(layer(x, training=True)),
        )
        assert np.any(first != second)
        np.testing.assert_array_equal(numbers(again(x, training=True)), first)

    def test_the_noise_shape_ties_inputs(self):
        x = np.ones((3, 40, 2), "float32")
        y = numbers(cl.Dropout(0.5, noise_shape=(None, 40, 1))(x, training=True))
        np.testing.assert_array_equal(y[..., 0], y[..., 1])

    def test_limits_of_the_rate(self):
        x = np.ones((3, 4), "float32")
        np.testing.assert_array_equal(numbers(cl.Dropout(1)(x, training=True)), x * 0)
        np.testing.assert_array_equal(numbers(cl.Dropout(0)(x, training=True)), x)
        assert cl.Dropout(0).variables == []
        assert len(cl.Dropout(0.5).variables) == 1

    def test_a_compiled_training_step(self):
        model = keras.Sequential([keras.Input((4,)), cl.Dropout(0.5), cl.Dense(1)])
        model.compile("sgd", "mse", jit_compile=True)
        history = model.fit(np.ones((8, 4)), np.ones((8, 1)), verbose=0)
        assert np.isfinite(history.history["loss"][0])


class TestGaussianNoise:
    def test_it_has_mean_zero_and_the_deviation(self):
        x = np.full((300, 300), 7.0, "float32")
        noise = numbers(cl.GaussianNoise(0.3, seed=1)(x, training=True)) - 7
        assert abs(noise.mean()) < 0.005
        assert abs(noise.std() - 0.3) < 0.005

    @tensorflow_only
    @pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
    def test_a_seed_adds_what_the_namesake_adds(self, dtype):
        x = np.ones((4, 50), "float32")
        ours, theirs = (
            layer(0.4, seed=9, dtype=dtype)
            for layer in (cl.GaussianNoise, keras.layers.GaussianNoise)
        )
        for _ in range(3):
            np.testing.assert_allclose(
                numbers(ours(x, training=True)),
                numbers(theirs(x, training=True)),
                rtol=2e-3,
                atol=2e-3,
            )

    def test_without_deviation_it_has_no_state(self):
        x = np.ones((3, 4), "float32")
        np.testing.assert_array_equal(numbers(cl.GaussianNoise(0)(x, training=True)), x)
        assert cl.GaussianNoise(0).variables == []


class TestNormalization:
    data = np.random.default_rng(1).normal(3, 2, size=(50, 4, 3)).astype("float32")

    @pytest.mark.parametrize("axis", [-1, None, 1, (1, 2), (0, 2)])
    @pytest.mark.parametrize(
        "form",
        [
            "array",
            "tensor",
            # On JAX the namesake asks for an installed TensorFlow.
            pytest.param("batches", marks=tensorflow_only),
            pytest.param("generator", marks=tensorflow_only),
        ],
    )
    def test_it_adapts_as_the_namesake_does(self, axis, form):
        def data():
            if axis == (0, 2) or form == "array":
                return self.data
            if form == "tensor":
                return ops.array(self.data)
            batches = [self.data[:7], self.data[7:30], self.data[30:]]
            return batches if form == "batches" else iter(batches)

        ours, theirs = (
            cl.Normalization(axis=axis),
            keras.layers.Normalization(axis=axis),
        )
        ours.adapt(data())
        theirs.adapt(data())
        for name in ("mean", "variance"):
            np.testing.assert_allclose(
                numbers(getattr(ours, name)), numbers(getattr(theirs, name)), rtol=1e-5
            )
        y = numbers(ours(self.data))
        np.testing.assert_allclose(y, numbers(theirs(self.data)), rtol=1e-4, atol=1e-5)

    @tensorflow_only
    def test_it_adapts_on_tf_data_and_normalizes_in_it(self):
        import tensorflow as tf

        labelled = tf.data.Dataset.from_tensor_slices((self.data, np.zeros(50))).batch(
            8
        )
        layer = cl.Normalization()
        layer.adapt(labelled)
        mean = self.data.mean(axis=(0, 1))
        np.testing.assert_allclose(numbers(layer.adapt_mean), mean, rtol=1e-5)
        parts = [y.numpy() for y in labelled.map(lambda x, _: layer(x))]
        np.testing.assert_allclose(
            np.concatenate(parts).mean(axis=(0, 1)), 0, atol=1e-5
        )
        scalars = cl.Normalization(axis=None)
        scalars.adapt(tf.data.Dataset.from_tensor_slices(np.arange(300.0)))
        np.testing.assert_allclose(numbers(scalars.adapt_mean), 149.5)

    def test_it_adapts_on_a_pydataset(self):
        class Batches(keras.utils.PyDataset):
            def __len__(self):
                return 5

            def __getitem__(self, index):
                return TestNormalization.data[index * 10 : index * 10 + 10], None

        layer = cl.Normalization()
        layer.adapt(Batches())
        np.testing.assert_allclose(
            numbers(layer.adapt_variance), self.data.var(axis=(0, 1)), rtol=1e-4
        )

    def test_adapting_again_forgets(self):
        layer = cl.Normalization()
        layer.adapt(self.data)
        layer.adapt(self.data * 2)
        expected = 2 * self.data.mean(axis=(0, 1))
        np.testing.assert_allclose(numbers(layer.adapt_mean), expected, rtol=1e-5)

    def test_inverted_it_undoes(self):
        layer, back = cl.Normalization(), cl.Normalization(invert=True)
        layer.adapt(self.data)
        back.adapt(self.data)
        np.testing.assert_allclose(
            numbers(back(layer(self.data))), self.data, rtol=1e-4, atol=1e-4
        )

    def test_large_offsets_keep_their_variance(self):
        layer = cl.Normalization(axis=None)
        layer.adapt(
            [np.full(5, 1e6) + np.arange(5), np.full(5, 1e6) + np.arange(5, 10)]
        )
        np.testing.assert_allclose(numbers(layer.adapt_variance), 8.25, rtol=1e-6)

    def test_a_constant_feature_gives_zero(self):
        layer = cl.Normalization()
        layer.adapt(np.ones((4, 2), "float32"))
        np.testing.assert_array_equal(numbers(layer(np.ones((1, 2)))), [[0, 0]])


def test_adapted_statistics_survive_cloning_and_graphs():
    inputs = keras.Input((2,))
    layer = cl.Normalization()
    model = keras.Model(inputs, layer(inputs))
    x = np.array([[1.0, 10.0], [3.0, 30.0]])
    before = model.predict(x, verbose=0)
    layer.adapt(x)
    np.testing.assert_allclose(before, x)
    model.predict_function = None
    np.testing.assert_allclose(
        model.predict(x, verbose=0), [[-1, -1], [1, 1]], rtol=1e-5
    )


@pytest.mark.parametrize("x", [3, 3.0, [1, 2], [[1.0, 2.0], [3.0, 4.0]], (1, 2)])
def test_preprocessing_takes_plain_numbers(x):
    ours, theirs = cl.Rescaling(2.0)(x), keras.layers.Rescaling(2.0)(x)
    np.testing.assert_allclose(numbers(ours), numbers(theirs))
    layer = cl.Normalization(axis=None, mean=1.0, variance=4.0)
    np.testing.assert_allclose(numbers(layer(x)), (np.asarray(x) - 1) / 2)


@tensorflow_only  # JAX computes in single precision.
def test_the_slope_of_an_elu_is_not_rounded_in_double_precision():
    x = np.random.default_rng(3).normal(size=(2, 4, 3))
    y = numbers(cl.ELU(0.3, dtype="float64")(x))
    expected = np.where(x > 0, x, 0.3 * np.expm1(x))
    np.testing.assert_allclose(y, expected, rtol=1e-13, atol=1e-14)
