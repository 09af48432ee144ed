"""What normalization layers do beyond the checks that all layers share."""

import keras
import numpy as np
import pytest

import custom_layers as cl
from custom_layers import fast

from .backends import BACKEND, layer_gradients, numbers, tensorflow_only

RNG = np.random.default_rng(2)
IMAGES = RNG.normal(1.0, 3.0, size=(4, 6, 5, 3)).astype("float32")
SEQUENCES = RNG.normal(1.0, 3.0, size=(4, 7, 3)).astype("float32")


def _filled(layer, x):
    if not layer.built:
        layer.build(x.shape)
    rng = np.random.default_rng(3)
    layer.set_weights([rng.uniform(0.5, 2, size=w.shape) for w in layer.weights])
    return layer


def _gradients(layer, x, **options):
    cotangent = np.random.default_rng(4).normal(size=x.shape).astype("float32")
    return layer_gradients(layer, [x], [cotangent], list, **options)


def _everything(layer, x, **options):
    """Outputs, gradients and weights after a call."""
    gradients = _gradients(layer, x, **options)
    outputs = _filled(layer, x)(x, **options)
    return [numbers(v) for v in (outputs, *gradients, *layer.weights)]


def _curvature(layer, x, compiled, **options):
    """Second derivatives: of the squared length of a gradient."""
    import tensorflow as tf

    def penalty(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                total = tf.reduce_sum(layer(x, **options) ** 3)
            length = tf.reduce_sum(inner.gradient(total, x) ** 2)
        return outer.gradient(length, [x, layer.gamma.value])

    function = tf.function(penalty) if compiled else penalty
    return [numbers(g) for g in function(tf.constant(x))]


def _same(ours, theirs, rtol=1e-5, atol=2e-5):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


class TestBatchNormalization:
    @tensorflow_only
    @pytest.mark.parametrize("x", [IMAGES, SEQUENCES, IMAGES[:, None]])
    @pytest.mark.parametrize("training", [True, False])
    @pytest.mark.parametrize("has_weights", [True, False])
    def test_the_kernel_computes_what_the_formula_does(
        self, monkeypatch, x, training, has_weights
    ):
        options = {"center": has_weights, "scale": has_weights, "momentum": 0.6}
        results = []
        for table in (fast.TABLE, fast.NEEDED):
            monkeypatch.setattr(fast, "TABLE", table)
            layer = _filled(cl.BatchNormalization(**options), x)
            results.append(_everything(layer, x, training=training))
        _same(*results)

    @tensorflow_only
    @pytest.mark.parametrize("training", [True, False])
    def test_second_derivatives(self, training):
        ours = _filled(cl.BatchNormalization(), IMAGES)
        theirs = _filled(keras.layers.BatchNormalization(), IMAGES)
        found = [
            _curvature(layer, IMAGES, False, training=training)
            for layer in (ours, theirs)
        ]
        _same(*found, rtol=1e-3, atol=1e-2)

    @pytest.mark.parametrize("x", [IMAGES, SEQUENCES, IMAGES[:, 0, 0]])
    @pytest.mark.parametrize("epsilon", [1e-3, 1e-7])
    def test_it_trains_as_the_namesake_does(self, x, epsilon):
        options = {"epsilon": epsilon, "momentum": 0.9}
        ours = _filled(cl.BatchNormalization(**options), x)
        theirs = _filled(keras.layers.BatchNormalization(**options), x)
        for step in range(3):
            batch = x[step:] * (step + 1)
            y = numbers(ours(batch, training=True))
            np.testing.assert_allclose(
                y, numbers(theirs(batch, training=True)), rtol=1e-4, atol=1e-5
            )
        for a, b in zip(ours.weights, theirs.weights, strict=True):
            np.testing.assert_allclose(numbers(a), numbers(b), rtol=1e-5, atol=1e-6)

    def test_one_point_has_no_variance(self):
        layer = cl.BatchNormalization(momentum=0.0)
        y = layer(IMAGES[:1, :1, :1], training=True)
        np.testing.assert_allclose(numbers(y), np.zeros((1, 1, 1, 3)), atol=1e-5)
        np.testing.assert_array_equal(numbers(layer.moving_variance), [0, 0, 0])

    @pytest.mark.parametrize("clipping", [None, {"rmin": 0.5, "rmax": 2.0, "dmax": 1}])
    @pytest.mark.parametrize("has_weights", [True, False])
    def test_renormalization_trains_as_the_namesake_does(self, clipping, has_weights):
        options = {
            "renorm": True,
            "renorm_clipping": clipping,
            "renorm_momentum": 0.8,
            "center": has_weights,
            "scale": has_weights,
        }
        ours, theirs = (
            _filled(kind(**options), SEQUENCES)
            for kind in (cl.BatchNormalization, keras.layers.BatchNormalization)
        )
        for _ in range(3):
            y = numbers(ours(SEQUENCES, training=True))
            expected = numbers(theirs(SEQUENCES, training=True))
            np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)
        found = [
            _gradients(layer, SEQUENCES, training=True) for layer in (ours, theirs)
        ]
        _same(*(map(numbers, gradients) for gradients in found), rtol=1e-3, atol=1e-4)
        _same(*(map(numbers, layer.weights) for layer in (ours, theirs)), rtol=1e-4)

    def test_masked_steps_have_no_part(self):
        mask = np.arange(28).reshape(4, 7) % 3 != 1
        spoiled = np.where(mask[..., None], SEQUENCES, 1e4).astype("float32")
        ours, theirs = (
            kind(momentum=0.5)
            for kind in (cl.BatchNormalization, keras.layers.BatchNormalization)
        )
        y = numbers(ours(spoiled, training=True, mask=mask))
        expected = numbers(theirs(spoiled, training=True, mask=mask))
        np.testing.assert_allclose(y[mask], expected[mask], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(
            numbers(ours.moving_mean), SEQUENCES[mask].mean(axis=0) / 2, rtol=1e-4
        )
        embedded = keras.layers.Masking(mask_value=1e4)(spoiled)
        again = cl.BatchNormalization()
        again(embedded, training=True)
        assert np.abs(numbers(again.moving_mean)).max() < 1

    def test_frozen_it_infers(self):
        layer = _filled(cl.BatchNormalization(), IMAGES)
        layer.trainable = False
        before = [numbers(w) for w in layer.weights]
        y = numbers(layer(IMAGES, training=True))
        np.testing.assert_allclose(y, numbers(layer(IMAGES)), rtol=1e-6)
        _same([numbers(w) for w in layer.weights], before, rtol=0, atol=0)

    def test_a_model_learns_the_statistics(self):
        model = keras.Sequential([keras.Input((4, 4, 3)), cl.BatchNormalization()])
        model.layers[0].momentum = 0.5
        model.compile("sgd", "mse")
        x = RNG.normal(5.0, 2.0, size=(64, 4, 4, 3)).astype("float32")
        model.fit(x, x, epochs=8, batch_size=16, verbose=0)
        layer = model.layers[0]
        np.testing.assert_allclose(numbers(layer.moving_mean), [5] * 3, atol=0.5)
        np.testing.assert_allclose(numbers(layer.moving_variance), [4] * 3, atol=1)

    def test_half_precision_keeps_its_statistics_in_single(self):
        layer = cl.BatchNormalization(dtype="mixed_float16", momentum=0.0)
        y = layer((IMAGES * 100).astype("float16"), training=True)
        assert keras.backend.standardize_dtype(y.dtype) == "float16"
        expected = (IMAGES * 100).astype("float16").astype("float32").var((0, 1, 2))
        np.testing.assert_allclose(numbers(layer.moving_variance), expected, rtol=1e-4)

    @tensorflow_only
    def test_replicas_share_what_they_measure(self):
        import tensorflow as tf

        layer = cl.BatchNormalization(synchronized=True, momentum=0.0)
        theirs = keras.layers.BatchNormalization(synchronized=True, momentum=0.0)
        strategy = tf.distribute.MirroredStrategy(["CPU:0"])
        with strategy.scope():
            for one in (layer, theirs):
                one.build(IMAGES.shape)
        ours, expected = (
            strategy.run(lambda one=one: one(IMAGES, training=True))
            for one in (layer, theirs)
        )
        np.testing.assert_allclose(numbers(ours), numbers(expected), atol=1e-4)

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (
                lambda: cl.BatchNormalization(axis=4)(IMAGES),
                r"Axis 4 is out of bounds.*\(4, 6, 5, 3\)",
            ),
            (
                lambda: cl.BatchNormalization()(keras.KerasTensor((2, None))),
                r"must be known.*axis=-1",
            ),
            (
                lambda: cl.BatchNormalization()(IMAGES, mask=np.ones((4, 6))),
                r"one dimension less.*\(4, 6\)",
            ),
            (
                lambda: cl.BatchNormalization(
                    renorm=True, renorm_clipping={"max": 1.0}
                ),
                r"invalid keys for `renorm_clipping`.*'max'",
            ),
            (
                lambda: cl.BatchNormalization(
                    renorm=True, renorm_clipping={"rmin": 3.0, "rmax": 1.0}
                ),
                r"rmax should be greater than rmin.*rmax=1.0, rmin=3.0",
            ),
            (
                lambda: cl.BatchNormalization(
                    renorm=True, renorm_clipping={"dmax": -1.0}
                ),
                r"dmax should be non-negative.*dmax=-1.0",
            ),
        ],
    )
    def test_errors(self, call, message):
        with pytest.raises(ValueError, match=f"(?s){message}"):
            call()

    def test_only_tensorflow_synchronizes(self):
        if BACKEND == "tensorflow":
            assert cl.BatchNormalization(synchronized=True).synchronized
        else:
            with pytest.raises(ValueError, match=f"synchronized=True.*{BACKEND}"):
                cl.BatchNormalization(synchronized=True)


class TestLayerNormalization:
    @tensorflow_only
    @pytest.mark.parametrize("x", [IMAGES, SEQUENCES, IMAGES[:, 0, 0]])
    @pytest.mark.parametrize("has_weights", [True, False])
    @pytest.mark.parametrize("on_cpu", [True, False])
    def test_its_own_gradient_is_that_of_the_formula(
        self, monkeypatch, x, has_weights, on_cpu
    ):
        from custom_layers.fast import normalization

        options = {"center": has_weights, "scale": has_weights}
        layer = _filled(cl.LayerNormalization(**options), x)
        monkeypatch.setattr(normalization, "has_only_cpus", lambda: on_cpu)
        ours = _everything(layer, x)
        monkeypatch.setattr(fast, "TABLE", fast.NEEDED)
        _same(ours, _everything(layer, x), atol=1e-4)

    @tensorflow_only
    @pytest.mark.parametrize("compiled", [True, False])
    def test_second_derivatives(self, compiled):
        ours = _filled(cl.LayerNormalization(), SEQUENCES)
        theirs = _filled(keras.layers.LayerNormalization(), SEQUENCES)
        _same(
            _curvature(ours, SEQUENCES, compiled),
            _curvature(theirs, SEQUENCES, compiled),
            rtol=1e-3,
            atol=1e-3,
        )

    def test_it_takes_more_precise_inputs_than_it_gives(self):
        layer = cl.LayerNormalization(dtype="mixed_float16")
        x = (1000 + SEQUENCES).astype("float32")
        y = numbers(layer(x)).astype("float32")
        np.testing.assert_allclose(
            y, numbers(cl.LayerNormalization()(x)), rtol=1e-2, atol=1e-2
        )

    def test_the_deprecated_scaling(self):
        with pytest.warns(UserWarning, match="rms_scaling=True.*deprecated"):
            ours = cl.LayerNormalization(rms_scaling=True)
        with pytest.warns(UserWarning, match="rms_scaling"):
            theirs = keras.layers.LayerNormalization(rms_scaling=True)
            expected = numbers(theirs(SEQUENCES))
        np.testing.assert_allclose(numbers(ours(SEQUENCES)), expected, rtol=1e-5)
        assert len(ours.weights) == 1
        with pytest.warns(UserWarning, match="rms_scaling"):
            assert cl.LayerNormalization.from_config(ours.get_config()).rms_scaling

    @pytest.mark.parametrize("axis", [None, "a", {"axis": 1}])
    def test_axis_of_another_type(self, axis):
        with pytest.raises(TypeError, match=r"(?s)Expected an int .*'axis'.*axis="):
            cl.LayerNormalization(axis=axis)

    def test_axis_that_is_not_there(self):
        with pytest.raises(ValueError, match=r"Axis 3 is out of bounds"):
            cl.LayerNormalization(axis=[1, 3])(SEQUENCES)
