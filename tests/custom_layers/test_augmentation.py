"""What happens to images in training."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

import custom_layers as cl

from .backends import compiled_forms, layer_gradients, numbers, tensorflow_only
from .oracles import augmentation as oracle

RNG = np.random.default_rng(5)
IMAGES = RNG.normal(size=(4, 6, 5, 3)).astype("float32")
MODES = list(
    itertools.product(
        ("reflect", "wrap", "nearest", "constant"), ("bilinear", "nearest")
    )
)
LAYERS = {
    "RandomFlip": {},
    "RandomTranslation": {"height_factor": 0.3, "width_factor": 0.4},
    "RandomRotation": {"factor": 0.4},
    "RandomZoom": {"height_factor": 0.4, "width_factor": 0.6},
    "RandomContrast": {"factor": 0.8, "value_range": (-2, 2)},
}


def make(name, **more):
    return getattr(cl, name)(**LAYERS[name], **more)


def options(mode, interpolation):
    return {"mode": mode, "interpolation": interpolation, "fill": 0.5}


def filling(mode, interpolation):
    return {"fill_mode": mode, "interpolation": interpolation, "fill_value": 0.5}


def transformed(layer, transformation, images=IMAGES):
    """Images after a transformation; it must be the same in every compiled form."""
    transformation = {
        key: ops.convert_to_tensor(value) for key, value in transformation.items()
    }

    def transform(images):
        return layer.transform_images(images, transformation)

    eager = numbers(transform(ops.convert_to_tensor(images)))
    for form in compiled_forms(transform).values():
        np.testing.assert_allclose(numbers(form(images)), eager, rtol=1e-4, atol=1e-4)
    return eager


class TestFlip:
    FLIPS = np.array([True, False, True, False]).reshape(4, 1, 1, 1)

    @pytest.mark.parametrize(
        ("mode", "axes"),
        [("horizontal", 1), ("vertical", 0), ("horizontal_and_vertical", (0, 1))],
    )
    def test_chosen_images_are_flipped(self, mode, axes):
        y = transformed(cl.RandomFlip(mode), {"flips": self.FLIPS})
        for image, was, flip in zip(y, IMAGES, self.FLIPS.ravel(), strict=True):
            np.testing.assert_array_equal(image, np.flip(was, axes) if flip else was)

    def test_half_of_many_are(self):
        x = np.zeros((2000, 2, 1, 1), "float32")
        x[:, 1] = 1
        y = numbers(cl.RandomFlip("vertical", seed=1)(x, training=True))
        assert 0.46 < y[:, 0].mean() < 0.54

    def test_an_unknown_mode(self):
        with pytest.raises(ValueError, match="`mode` must be one of.*mode=sideways"):
            cl.RandomFlip("sideways")

    @tensorflow_only
    @pytest.mark.parametrize("mode", ["horizontal", "horizontal_and_vertical"])
    def test_tensorflow_flips_as_the_formula_does(self, mode):
        axes = (2,) if mode == "horizontal" else (1, 2)
        flips = ops.convert_to_tensor(self.FLIPS)
        layer = cl.RandomFlip(mode)
        images = ops.convert_to_tensor(IMAGES)
        portable = ops.where(flips, ops.flip(IMAGES, axes), IMAGES)
        np.testing.assert_array_equal(
            numbers(layer._flip(images, flips, axes)), numbers(portable)
        )
        (found,) = layer_gradients(
            cl.Rescaling(1.0),
            [IMAGES],
            [numbers(portable)],
            lambda arrays: [layer.transform_images(arrays[0], {"flips": flips})],
        )
        np.testing.assert_array_equal(numbers(found), IMAGES)

    @tensorflow_only
    @pytest.mark.parametrize("jit_compile", [False, True])
    def test_a_gradient_is_flipped_back(self, jit_compile):
        import tensorflow as tf

        flips, images = tf.constant(self.FLIPS), tf.constant(IMAGES)
        layer = cl.RandomFlip("horizontal")

        @tf.function(autograph=False, jit_compile=jit_compile)
        def gradient(images, flips, upstream):
            with tf.GradientTape() as tape:
                tape.watch(images)
                y = layer.transform_images(images, {"flips": flips})
            return tape.gradient(y, images, upstream)

        expected = tf.where(flips, tf.reverse(images, [2]), images)
        np.testing.assert_array_equal(gradient(images, flips, images), expected)


class TestTranslation:
    SHIFTS = np.array([[1, 0], [0, 2], [-1.25, 0.5], [3.5, -4]], "float32")

    def test_whole_pixels_are_a_roll(self):
        for factor in (0.2, -0.4):
            layer = cl.RandomTranslation(0.0, (factor, factor), fill_mode="wrap")
            y = numbers(layer(IMAGES, training=True))
            np.testing.assert_allclose(
                y, np.roll(IMAGES, round(factor * 5), axis=2), atol=1e-5
            )

    def test_whole_pixels_are_a_padding(self):
        factor = 2 / 6
        layer = cl.RandomTranslation((factor, factor), 0.0, "constant", fill_value=3.0)
        padded = np.pad(IMAGES, ((0, 0), (2, 0), (0, 0), (0, 0)), constant_values=3.0)[
            :, :6
        ]
        y = numbers(layer(IMAGES, training=True))
        np.testing.assert_allclose(y, padded, atol=1e-5)

    @pytest.mark.parametrize(("mode", "interpolation"), MODES)
    def test_any_shift(self, mode, interpolation):
        layer = cl.RandomTranslation(0.1, 0.1, **filling(mode, interpolation))
        y = transformed(layer, {"translations": self.SHIFTS})
        for image, was, (right, down) in zip(y, IMAGES, self.SHIFTS, strict=True):
            expected = oracle.translated(
                was, down, right, **options(mode, interpolation)
            )
            np.testing.assert_allclose(image, expected, rtol=1e-4, atol=1e-4)

    def test_shifts_keep_the_limits(self):
        layer = cl.RandomTranslation((0.1, 0.5), 0.2, seed=1)
        shifts = layer.get_random_transformation(np.zeros((500, 10, 20, 1)))
        right, down = numbers(shifts["translations"]).T
        assert -4 <= right.min() < -3 < 3 < right.max() <= 4
        assert 1 <= down.min() < 1.5 < 4.5 < down.max() <= 5


class TestRotation:
    @pytest.mark.parametrize("turns", [1, 2, 3])
    def test_quarters_are_rot90(self, turns):
        square = IMAGES[:, :5]
        layer = cl.RandomRotation((turns / 4, turns / 4))
        y = numbers(layer(square, training=True))
        expected = np.rot90(square, turns, axes=(1, 2))
        np.testing.assert_allclose(y, expected, atol=1e-4)

    @pytest.mark.parametrize(("mode", "interpolation"), MODES)
    def test_any_angle(self, mode, interpolation):
        layer = cl.RandomRotation(0.5, **filling(mode, interpolation), seed=2)
        drawn = layer.get_random_transformation(IMAGES)
        y = transformed(layer, {"rotation_matrix": drawn["rotation_matrix"]})
        for image, was, angle in zip(y, IMAGES, numbers(drawn["angle"]), strict=True):
            expected = oracle.rotated(was, angle, **options(mode, interpolation))
            np.testing.assert_allclose(image, expected, rtol=1e-3, atol=1e-3)


class TestZoom:
    def test_none_is_the_identity(self):
        y = numbers(cl.RandomZoom((0.0, 0.0))(IMAGES, training=True))
        np.testing.assert_allclose(y, IMAGES, atol=1e-6)

    @pytest.mark.parametrize(("mode", "interpolation"), MODES)
    def test_any_zoom(self, mode, interpolation):
        layer = cl.RandomZoom(0.1, **filling(mode, interpolation))
        zooms = np.array([[0.5, 1.3], [1.7, 0.9], [1.0, 1.6], [0.4, 0.3]], "float32")
        drawn = {"height_zoom": zooms[:, :1], "width_zoom": zooms[:, 1:]}
        y = transformed(layer, drawn)
        for image, was, (height, width) in zip(y, IMAGES, zooms, strict=True):
            expected = oracle.zoomed(was, height, width, **options(mode, interpolation))
            np.testing.assert_allclose(image, expected, rtol=1e-4, atol=1e-4)

    def test_without_a_width_the_proportions_stay(self):
        drawn = cl.RandomZoom(0.5).get_random_transformation(IMAGES)
        np.testing.assert_array_equal(
            numbers(drawn["height_zoom"]), numbers(drawn["width_zoom"])
        )


class TestContrast:
    def test_the_formula(self):
        factors = np.array([0.5, 1.0, 1.5, 3.0], "float32").reshape(4, 1, 1, 1)
        layer = cl.RandomContrast(0.5, value_range=(-2, 1))
        y = transformed(layer, {"contrast_factor": factors})
        for image, was, factor in zip(y, IMAGES, factors.ravel(), strict=True):
            expected = oracle.contrast(was.astype(float), factor, -2, 1)
            np.testing.assert_allclose(image, expected, rtol=1e-5, atol=1e-5)

    def test_factors_keep_the_limits(self):
        layer = cl.RandomContrast((0.3, 0.9), seed=1)
        drawn = layer.get_random_transformation(np.zeros((500, 2, 2, 1)))
        factors = numbers(drawn["contrast_factor"])
        assert 0.7 <= factors.min() < 0.75 < 1.85 < factors.max() <= 1.9


@pytest.mark.parametrize("name", LAYERS)
class TestAll:
    def test_one_image_is_a_batch_of_one(self, name):
        y = numbers(make(name, seed=3)(IMAGES[0], training=True))
        batch = numbers(make(name, seed=3)(IMAGES[:1], training=True))
        np.testing.assert_allclose(y, batch[0], rtol=1e-5, atol=1e-6)

    def test_channels_may_come_first(self, name):
        y = numbers(make(name, seed=3)(IMAGES, training=True))
        first = make(name, seed=3, data_format="channels_first")
        moved = numbers(first(np.moveaxis(IMAGES, -1, 1), training=True))
        np.testing.assert_allclose(np.moveaxis(moved, 1, -1), y, rtol=1e-5, atol=1e-6)

    def test_seeds_repeat_and_calls_differ(self, name):
        layer, again = make(name, seed=4), make(name, seed=4)
        first, *others = (numbers(layer(IMAGES, training=True)) for _ in range(4))
        np.testing.assert_array_equal(numbers(again(IMAGES, training=True)), first)
        assert any(np.any(first != other) for other in others)

    def test_a_seed_draws_what_the_namesake_draws(self, name):
        ours, theirs = (
            getattr(layers, name)(**LAYERS[name], seed=9)
            for layers in (cl.layers, keras.layers)
        )
        for _ in range(3):
            np.testing.assert_allclose(
                numbers(ours(IMAGES, training=True)),
                numbers(theirs(IMAGES, training=True)),
                rtol=1e-3,
                atol=1e-3,
            )

    def test_bytes_stay_bytes_if_asked_to(self, name):
        if name == "RandomContrast":
            pytest.skip("a factor between two bytes is none")
        x = RNG.integers(0, 255, size=(2, 6, 5, 3)).astype("uint8")
        y = make(name, dtype="uint8")(x, training=True)
        assert keras.backend.standardize_dtype(y.dtype) == "uint8"
        assert numbers(y).max() <= x.max()

    def test_a_model_uses_it_in_training_alone(self, name):
        inputs = keras.Input((6, 5, 3))
        model = keras.Model(inputs, make(name, seed=1)(inputs))
        np.testing.assert_array_equal(model.predict(IMAGES, verbose=0), IMAGES)
        assert np.any(numbers(model(IMAGES, training=True)) != IMAGES)

    def test_another_rank_fails(self, name):
        with pytest.raises(ValueError, match=r"rank 3.*Received: .*\(5, 3\)"):
            make(name)(IMAGES[0, 0], training=True)

    def test_what_belongs_to_the_images_goes_with_them(self, name):
        masks = RNG.integers(0, 3, size=(4, 6, 5, 1)).astype("int32")
        boxes = np.array([[[0.0, 1.0, 2.0, 3.0], [1.0, 0.0, 5.0, 6.0]]] * 4)
        data = {
            "images": IMAGES,
            "labels": np.arange(4),
            "segmentation_masks": masks,
            "bounding_boxes": {"boxes": boxes, "labels": np.ones((4, 2))},
            "name": np.arange(4),
        }
        layer = make(name, bounding_box_format="xyxy", seed=3)
        y = layer(data, training=True)
        np.testing.assert_allclose(
            numbers(y["images"]), numbers(make(name, seed=3)(IMAGES, training=True))
        )
        assert set(np.unique(numbers(y["segmentation_masks"]))) <= {0, 1, 2}
        assert tuple(y["bounding_boxes"]["boxes"].shape) == (4, 2, 4)
        np.testing.assert_array_equal(numbers(y["labels"]), np.arange(4))
        assert data["bounding_boxes"]["boxes"] is boxes
        one = keras.tree.map_structure(lambda x: x[0], data)
        single = make(name, bounding_box_format="xyxy", seed=3)(one, training=True)
        assert tuple(single["images"].shape) == (6, 5, 3)
        assert tuple(single["bounding_boxes"]["boxes"].shape) == (2, 4)

    def test_at_inference_everything_stays(self, name):
        boxes = {"boxes": np.ones((4, 1, 4)), "labels": np.ones((4, 1))}
        data = {"images": IMAGES, "bounding_boxes": boxes}
        layer = make(name, bounding_box_format="xywh")
        y = layer(data, training=False)
        np.testing.assert_array_equal(numbers(y["images"]), IMAGES)
        np.testing.assert_array_equal(
            numbers(y["bounding_boxes"]["boxes"]), boxes["boxes"]
        )

    @tensorflow_only
    def test_a_train_step_compiles_under_xla(self, name):
        model = keras.Sequential(
            [
                keras.Input((6, 5, 3)),
                make(name, seed=1),
                keras.layers.Flatten(),
                keras.layers.Dense(1),
            ]
        )
        model.compile("sgd", "mse", jit_compile=True)
        history = model.fit(IMAGES, np.ones((4, 1)), epochs=2, verbose=0)
        assert np.all(np.isfinite(history.history["loss"]))

    @tensorflow_only
    def test_it_serves_a_pipeline(self, name):
        import tensorflow as tf

        data = tf.data.Dataset.from_tensor_slices(IMAGES).batch(2).map(make(name))
        assert [tuple(x.shape) for x in data] == [(2, 6, 5, 3)] * 2


def test_the_boxes_of_each_image_move_with_it():
    """A box around a bright spot is around it afterwards, too."""
    x = np.zeros((8, 20, 30, 1), "float32")
    x[:, 8:13, 11:17] = 1
    box = np.array([[[11.0, 8.0, 17.0, 13.0]]] * 8)
    for name, kwargs in {
        "RandomFlip": {},
        "RandomTranslation": {"height_factor": 0.2, "width_factor": 0.2},
        "RandomRotation": {"factor": (0.5, 0.5)},
        "RandomZoom": {"height_factor": 0.3, "width_factor": 0.2},
    }.items():
        layer = getattr(cl, name)(**kwargs, seed=2, bounding_box_format="xyxy")
        data = {
            "images": x,
            "bounding_boxes": {"boxes": box, "labels": np.ones((8, 1))},
        }
        y = layer(data, training=True)
        moved = numbers(y["bounding_boxes"]["boxes"])[:, 0]
        for image, (left, top, right, bottom) in zip(
            numbers(y["images"])[..., 0], moved, strict=True
        ):
            rows, columns = (np.flatnonzero(image.max(axis=a) > 0.5) for a in (1, 0))
            found = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
            np.testing.assert_allclose([left, top, right, bottom], found, atol=1.01)


def test_boxes_in_other_formats():
    layer = cl.RandomFlip("horizontal", bounding_box_format="rel_xywh")
    boxes = {"boxes": np.array([[[0.1, 0.2, 0.3, 0.4]]]), "labels": np.ones((1, 1))}
    flipped = layer.transform_bounding_boxes(
        boxes, {"flips": np.ones((1, 1, 1, 1), bool), "input_shape": (1, 10, 20, 3)}
    )
    np.testing.assert_allclose(
        numbers(flipped["boxes"]), [[[0.6, 0.2, 0.3, 0.4]]], rtol=1e-5
    )


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: cl.RandomTranslation(1.5, 0), ValueError, "`height_factor`.*=1.5"),
        (lambda: cl.RandomTranslation(0, (0, 2)), ValueError, r"`width_factor`.*, 2\)"),
        (lambda: cl.RandomTranslation("a", 0), ValueError, "height_factor=a"),
        (lambda: cl.RandomZoom(-1.0), ValueError, r"range \(-1, 1\].*=-1.0"),
        (lambda: cl.RandomZoom(0.1, (1, 2, 3)), ValueError, "`width_factor`"),
        (lambda: cl.RandomRotation(2.0), ValueError, "`factor`.*factor=2.0"),
        (lambda: cl.RandomRotation((2, 3)), ValueError, r"`factor`.*\(2, 3\)"),
        (lambda: cl.RandomContrast(-0.1), ValueError, "`factor`.*factor=-0.1"),
        (
            lambda: cl.RandomZoom(0.1, fill_mode="mirror"),
            NotImplementedError,
            "`fill_mode`.*fill_mode=mirror",
        ),
        (
            lambda: cl.RandomRotation(0.1, interpolation="cubic"),
            NotImplementedError,
            "`interpolation`.*interpolation=cubic",
        ),
        (
            lambda: cl.RandomFlip()(
                {
                    "images": IMAGES,
                    "bounding_boxes": {"boxes": IMAGES, "labels": IMAGES},
                }
            ),
            ValueError,
            "bounding_box_format='xyxy'.*bounding_box_format=None",
        ),
        (
            lambda: cl.RandomFlip(bounding_box_format="xyxy")(
                {"images": IMAGES, "bounding_boxes": {"boxes": np.ones((4, 1, 4))}}
            ),
            ValueError,
            "keys 'boxes' and 'labels'",
        ),
    ],
)
def test_errors(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_sizes_may_be_open():
    inputs = keras.Input((None, None, 3))
    for name in LAYERS:
        y = make(name)(inputs, training=True)
        assert y.shape == (None, None, None, 3)
        assert numbers(keras.Model(inputs, y)(IMAGES)).shape == IMAGES.shape


def test_spectrograms_are_masked_in_stretches_of_time_and_bands():
    layer = cl.SpecAugment(0.5, 0.25, seed=3)
    x = np.ones((200, 12, 16, 2), "float32")
    y = numbers(layer(x, training=True))
    assert np.array_equal(numbers(layer(x)), x)
    hidden = {axis: [] for axis in ("frames", "bands")}
    for sample in y[..., 0]:
        frames, bands = sample.max(axis=1) == 0, sample.max(axis=0) == 0
        assert np.array_equal(sample, np.outer(~frames, ~bands))
        for name, mask in (("frames", frames), ("bands", bands)):
            assert np.count_nonzero(np.diff(mask.astype(int), prepend=0) == 1) <= 1
            hidden[name].append(mask.sum())
    assert np.array_equal(y[..., 0], y[..., 1])
    # Half of the longest mask on average, and never more than that.
    assert max(hidden["frames"]) == 6 and 2.5 < np.mean(hidden["frames"]) < 3.5
    assert max(hidden["bands"]) == 4 and 1.6 < np.mean(hidden["bands"]) < 2.4


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"time_factor": 1.5}, "`time_factor` must be between 0 and 1"),
        ({"frequency_factor": -0.1}, "`frequency_factor` must be between 0 and 1"),
        ({"masks": -1}, "`masks` must be 0 or more"),
    ],
)
def test_arguments_of_masks_that_cannot_be(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        cl.SpecAugment(**arguments)
