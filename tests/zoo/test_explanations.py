"""Methods of explanation on models of which the right answer is known."""

import keras
import numpy as np
import pytest

from custom_layers import (
    Conv1D,
    Conv2D,
    Dense,
    Embedding,
    GlobalMaxPooling2D,
    Normalization,
    TableEncoding,
)
from zoo.datasets.input_column import InputColumn
from zoo.errors import ArgumentError, UnknownNameError
from zoo.inference.explanations.geometry import centres
from zoo.inference.explanations.interception import recorded, replaced
from zoo.inference.explanations.methods import (
    activation_maximisation,
    feature_maps,
    filters,
    grad_cam,
    gradient,
    gradient_times_input,
    hires_cam,
    integrated_gradients,
    methods,
    occlusion,
    smoothgrad,
)
from zoo.inference.explanations.model_case import ModelCase
from zoo.inference.inputs.model_input import ModelInput
from zoo.input_statistics import InputStatistics


def case_of(model, sample, task="classification", names=(), wanted=None, **takes):
    sample = np.asarray(sample)
    described = ModelInput("toy", sample.shape[1:], task, **takes)
    return ModelCase(model, described, sample, names, (), wanted)


def linear(weights, bias=0.5, shape=None):
    """A model of one output that is `w x + b`."""
    inputs = keras.Input(shape or (len(weights),))
    x = inputs if shape is None else keras.layers.Flatten()(inputs)
    layer = Dense(1)
    model = keras.Model(inputs, layer(x))
    layer.set_weights([np.reshape(weights, (-1, 1)), np.array([bias])])
    return model


W, X = np.array([2.0, -3.0, 0.5], "float32"), np.array([[1.0, 2.0, -4.0]], "float32")


def test_of_a_linear_model_each_method_gives_its_terms():
    case = case_of(linear(W), X, "regression")
    np.testing.assert_allclose(gradient.explain(case).attributions, np.abs(W))
    np.testing.assert_allclose(smoothgrad.explain(case).attributions, np.abs(W), 1e-5)
    for method in (gradient_times_input, integrated_gradients, occlusion):
        found = method.explain(case)
        assert found.is_signed
        np.testing.assert_allclose(found.attributions, W * X[0], rtol=1e-5)


def test_columns_are_compared_with_their_mean_in_training():
    mean = np.array([1.0, -1.0, 2.0])
    statistics = InputStatistics(mean, np.ones(3))
    case = case_of(linear(W), X, "regression", statistics=statistics)
    for method in (integrated_gradients, occlusion):
        found = method.explain(case).attributions
        np.testing.assert_allclose(found, W * (X[0] - mean), rtol=1e-5)


def test_integrated_gradients_are_complete_where_the_gradient_bends():
    inputs = keras.Input((2,))
    product = keras.layers.Multiply()([inputs[:, :1] ** 3, inputs[:, 1:]])
    case = case_of(keras.Model(inputs, product), [[2.0, 3.0]], "regression")
    found = integrated_gradients.explain(case)
    # d/dx and d/dy of x^3 y on the way a (2, 3): 3/4 and 1/4 of the output.
    np.testing.assert_allclose(found.attributions, [18.0, 6.0], rtol=1e-3)
    assert found.figures["completeness_error"] < 0.01
    assert found.figures["at_sample"] - found.figures["at_baseline"] == 24.0


def test_steps_are_doubled_until_the_error_is_small():
    step = keras.Input((1,))
    steep = keras.layers.Activation("sigmoid")(400.0 * (step - 0.103))
    found = integrated_gradients.explain(
        case_of(keras.Model(step, steep), [[1.0]], "regression")
    )
    assert found.figures["steps"] > 64
    assert found.figures["completeness_error"] < 0.01


def picture(*places, shape=(1, 12, 12, 1)):
    found = np.zeros(shape, "float32")
    for row, column in places:
        found[0, row, column, 0] = 1.0
    return found


def test_occlusion_finds_the_planted_pixel():
    weights = np.zeros((12, 12), "float32")
    weights[3, 8] = 7.0
    model = linear(weights, shape=(12, 12, 1))
    case = case_of(model, picture((3, 8), (9, 2)), "regression")
    found = occlusion.covered(case, patch=1).attributions
    expected = np.zeros((12, 12))
    expected[3, 8] = 7.0
    np.testing.assert_allclose(found, expected, atol=1e-5)
    coarse = occlusion.explain(case).attributions
    assert coarse[3, 8] == coarse.max() > 0
    assert coarse[9, 2] == 0


@pytest.mark.parametrize("size", [1, 3, 7, 12])
def test_patches_cover_every_pixel(size):
    case = case_of(
        linear(np.ones(size * size), shape=(size, size, 1)),
        np.ones((1, size, size, 1)),
        "regression",
    )
    assert (occlusion.explain(case).attributions > 0).all()


CORNER = np.array([[1.0, 1.0], [1.0, -2.0]])


def corner_finder(padding="valid", layers=1, **options):
    """Answers with how well a 2 x 2 corner is matched, wherever it is."""
    inputs = keras.Input((12, 12, 1))
    x = inputs
    for _ in range(layers - 1):  # nothing but an offset: the centre of 3 x 3
        layer = Conv2D(1, 3, use_bias=False, padding=padding)
        x = layer(x)
        layer.set_weights([np.eye(9)[4].reshape(3, 3, 1, 1)])
    layer = Conv2D(1, 2, activation="relu", padding=padding, name="finds", **options)
    x = layer(x)
    layer.set_weights([CORNER.reshape(2, 2, 1, 1), np.array([-2.0])])
    return keras.Model(inputs, GlobalMaxPooling2D()(x))


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("corner", [(4, 3), (7, 7), (3, 6)])
def test_grad_cam_stands_on_the_planted_corner(padding, layers, corner):
    row, column = corner
    sample = picture((row, column), (row, column + 1), (row + 1, column), (9, 9))
    case = case_of(corner_finder(padding, layers), sample, "regression")
    heat = grad_cam.explain(case).attributions
    assert heat.shape == (12, 12)
    places = np.argwhere(heat > 0.1 * heat.max())
    np.testing.assert_allclose(places.mean(axis=0), [row + 0.5, column + 0.5])


def measured_centre(model, layer, size, axis, cell):
    """The middle of the pixels that a cell depends on, by changing each of them."""
    with recorded(layer) as outputs:
        model(np.zeros((1, size, size, 1), "float32"))
        model(np.eye(size * size, dtype="float32").reshape(-1, size, size, 1))
    still, changed = (np.asarray(found)[..., 0] for found in outputs[layer.name])
    index = (slice(None), cell, cell)
    seen = np.flatnonzero(np.abs(changed[index] - still[index]) > 1e-9)
    lines = np.unravel_index(seen, (size, size))[axis]
    return (lines.min() + lines.max()) / 2


NETWORKS = {
    "valid": [(Conv2D, {"kernel_size": 5}), (Conv2D, {"kernel_size": 3})],
    "lenet": [
        (Conv2D, {"kernel_size": 5, "padding": "same"}),
        (keras.layers.AveragePooling2D, {"pool_size": 2}),
        (Conv2D, {"kernel_size": 5}),
    ],
    "strides": [
        (Conv2D, {"kernel_size": 3, "strides": 2, "padding": "same"}),
        (Conv2D, {"kernel_size": 4, "strides": 2}),
    ],
    "dilated": [(Conv2D, {"kernel_size": 3, "dilation_rate": 2})],
    "padded": [
        (keras.layers.ZeroPadding2D, {"padding": 3}),
        (keras.layers.Cropping2D, {"cropping": 1}),
        (Conv2D, {"kernel_size": 3}),
    ],
}


@pytest.mark.parametrize("network", NETWORKS)
def test_cells_stand_at_the_measured_centres_of_their_receptive_fields(network):
    size = 28
    inputs = x = keras.Input((size, size, 1))
    for make, options in NETWORKS[network]:
        if make is Conv2D:
            options = options | {"filters": 1, "kernel_initializer": "ones"}
        layer = make(**options)
        x = layer(x)
    model = keras.Model(inputs, x)
    for axis, (start, step) in enumerate(centres(model, layer)):
        for cell in (2, 3):
            measured = measured_centre(model, layer, size, axis, cell)
            assert measured == start + step * cell


def test_a_model_within_a_model_is_seen_through():
    inner = keras.Sequential(
        [
            keras.layers.ZeroPadding2D(1),
            Conv2D(1, 3, kernel_initializer="ones", name="within"),
            keras.layers.GlobalAveragePooling2D(),
        ]
    )
    inputs = keras.Input((12, 12, 1))
    x = keras.layers.MaxPooling2D(2)(inputs)
    model = keras.Model(inputs, inner(x))
    case = case_of(model, picture((4, 5)), "regression")
    assert centres(model, inner.get_layer("within")) == [(0.5, 2.0), (0.5, 2.0)]
    heat = grad_cam.explain(case).attributions
    assert np.argwhere(heat == heat.max()).mean(axis=0).tolist() == [4.5, 4.5]
    assert filters.explain(case).images["filters"].shape == (1, 3, 3, 1)


def test_a_sequential_model_made_layer_by_layer_is_seen_through():
    model = keras.Sequential([keras.Input((12, 12, 1))])
    model.add(keras.layers.AveragePooling2D(2))
    model.add(keras.layers.Conv2D(1, 3, name="maps"))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(2, activation="softmax"))
    case = case_of(model, picture((4, 5)), task=None)
    assert grad_cam.last_map(case).name == "maps"
    assert centres(model, model.get_layer("maps")) == [(2.5, 2.0), (2.5, 2.0)]


def test_cams_agree_before_global_pooling_and_only_there():
    inputs = keras.Input((8, 8, 1))
    maps = Conv2D(3, 3, activation="relu", name="maps")(inputs)
    sample = np.random.default_rng(0).random((1, 8, 8, 1))
    for flat, agree in (
        (keras.layers.GlobalAveragePooling2D()(maps), True),
        (keras.layers.Flatten()(maps), False),
    ):
        case = case_of(keras.Model(inputs, Dense(2)(flat)), sample)
        one, other = (m.explain(case).attributions for m in (grad_cam, hires_cam))
        assert np.allclose(one, other, atol=1e-6) == agree


def test_centres_are_found_through_branches_that_meet():
    inputs = keras.Input((16, 16, 1))
    x = Conv2D(4, 3, strides=2, padding="same")(inputs)
    y = Conv2D(4, 3, padding="same")(keras.layers.Activation("relu")(x))
    layer = keras.layers.Add()
    model = keras.Model(inputs, layer([y, x]))
    assert centres(model, layer) == [(1.0, 2.0), (1.0, 2.0)]


def test_grad_cam_takes_the_last_layer_as_large_as_the_last_convolution():
    inputs = keras.Input((8, 8, 1))
    x = Conv2D(2, 3, name="convolution")(inputs)
    x = keras.layers.ReLU(name="relu")(x)
    x = keras.layers.MaxPooling2D(name="pool")(x)
    model = keras.Model(inputs, Dense(2)(keras.layers.Flatten()(x)))
    case = case_of(model, np.ones((1, 8, 8, 1)))
    assert grad_cam.last_map(case).name == "relu"
    dense = keras.Model(inputs, Dense(2)(keras.layers.Flatten()(inputs)))
    assert grad_cam.explain(case_of(dense, np.ones((1, 8, 8, 1)))) is None


def bag_of_words(vectors):
    """The sum of the first dimensions of the embeddings."""
    tokens = keras.Input((None,), dtype="int32")
    embedding = Embedding(len(vectors), 2)
    first = Dense(1, use_bias=False)
    summed = keras.ops.sum(embedding(tokens), axis=1)
    model = keras.Model(tokens, first(summed))
    embedding.set_weights([np.array(vectors)])
    first.set_weights([np.array([[1.0], [0.0]])])
    return model


def test_tokens_get_what_their_embeddings_contribute():
    model = bag_of_words([[0, 0], [0, 9], [5, 1], [-2, 1]])
    case = case_of(
        model, [[2, 3, 1, 0, 0]], "regression", ["good", "bad", "?"], takes_text=True
    )
    for method in (gradient_times_input, integrated_gradients, occlusion):
        found = method.explain(case).attributions
        np.testing.assert_allclose(found, [5.0, -2.0, 0.0], atol=1e-5)
    np.testing.assert_allclose(gradient.explain(case).attributions, [1.0, 1.0, 1.0])


def test_grad_cam_of_tokens_is_over_the_tokens():
    tokens = keras.Input((None,), dtype="int32")
    embedding, convolution = Embedding(3, 1), Conv1D(1, 3, padding="same", name="c")
    x = convolution(embedding(tokens))
    model = keras.Model(tokens, keras.layers.GlobalMaxPooling1D()(x))
    embedding.set_weights([np.array([[0.0], [1.0], [5.0]])])
    convolution.set_weights([np.array([0.0, 1.0, 0.0]).reshape(3, 1, 1), np.zeros(1)])
    names = ["a", "b", "a", "a"]
    case = case_of(model, [[1, 2, 1, 1, 0, 0]], "regression", names, takes_text=True)
    heat = grad_cam.explain(case).attributions
    assert heat.shape == (4,)
    assert heat.argmax() == 1


def test_features_of_a_table_are_summed_by_column():
    columns = (
        InputColumn("kind", "category", ("a", "b")),
        InputColumn("size", "number", has_missing=True),
    )
    inputs = keras.Input((2,))
    encoding, dense = TableEncoding([c.as_json() for c in columns]), Dense(1)
    model = keras.Model(inputs, dense(encoding(inputs)))
    encoding.adapt(np.array([[0, 10.0], [1, 30.0]], "float32"))
    # Of size, of its being missing, and of both categories.
    dense.set_weights([np.array([[3.0], [1.0], [4.0], [-5.0]]), np.zeros(1)])
    case = case_of(model, [[1, 40.0]], "regression", ["kind", "size"], columns=columns)
    found = integrated_gradients.explain(case).attributions
    np.testing.assert_allclose(found, [-5.0, 6.0], rtol=1e-4)
    assert occlusion.explain(case).attributions[0] == pytest.approx(-5.0)


def test_a_series_is_compared_with_its_mean():
    weights = np.array([1.0, 0.0, 2.0, -1.0])
    model = linear(weights, shape=(4, 1))
    case = case_of(model, np.array([[[1.0], [2.0], [3.0], [6.0]]]), "forecasting")
    assert case.target.title == "forecast at step 1"
    found = integrated_gradients.explain(case).attributions
    np.testing.assert_allclose(found, weights * [-2.0, -1.0, 0.0, 3.0], atol=1e-5)
    np.testing.assert_allclose(occlusion.explain(case).attributions, found, atol=1e-5)


@pytest.mark.slow
def test_activation_maximisation_exceeds_the_sample_and_stays_in_range():
    weights = np.zeros((12, 12), "float32")
    weights[:6], weights[6:] = 1.0, -1.0
    model = linear(weights, shape=(12, 12, 1))
    case = case_of(model, picture((2, 2), (8, 8)), "regression")
    found = activation_maximisation.explain(case)
    assert found.figures["reached"] > found.figures["at_sample"] + 30
    (made,) = found.images["picture"]
    assert made.min() >= 0 and made.max() <= 1
    assert made[:5].mean() > 0.9 and made[7:].mean() < 0.1


def test_filters_and_feature_maps_are_those_of_the_layers():
    model = corner_finder(layers=2)
    case = case_of(model, picture((4, 3)), "regression")
    np.testing.assert_allclose(
        filters.explain(case).images["filters"][0, ..., 0], np.eye(9)[4].reshape(3, 3)
    )
    found = feature_maps.explain(case).images
    assert [each.shape for each in found.values()] == [(1, 10, 10, 1), (1, 9, 9, 1)]
    first = next(iter(found.values()))
    assert np.argwhere(first[0, ..., 0]).tolist() == [[3, 2]]


def test_a_class_is_explained_by_its_logit():
    inputs = keras.Input((3,))
    layer = Dense(2)
    model = keras.Model(inputs, layer(inputs))
    layer.set_weights([np.stack([W, -2 * W], axis=1), np.zeros(2)])
    case = case_of(model, X)
    assert (case.target.title, case.value) == ("logit of 1", pytest.approx(12.0))
    case = case_of(model, X, wanted="0")
    np.testing.assert_allclose(
        gradient_times_input.explain(case).attributions, W * X[0]
    )
    with pytest.raises(UnknownNameError, match="Unknown target '7'. Known: 0, 1"):
        case_of(model, X, wanted="7")


def test_of_a_stranger_s_probabilities_the_logarithm_is_explained():
    inputs = keras.Input((3,))
    model = keras.Model(inputs, Dense(2, activation="softmax")(inputs))
    case = case_of(model, X, task=None)
    assert case.target.title.startswith("log probability of ")
    shares = np.asarray(model(X))[0]
    assert case.value == pytest.approx(np.log(shares.max()), rel=1e-4)


def test_what_no_number_stands_for_is_refused():
    inputs = keras.Input((3, 2))
    with pytest.raises(ArgumentError, match=r"array of shape \(3, 4\)"):
        case_of(keras.Model(inputs, Dense(4)(inputs)), np.ones((1, 3, 2)))


def test_a_layer_is_itself_again_after_it_was_replaced():
    model = linear(W)
    layer = model.layers[-1]
    with replaced(layer, np.array([[9.0]], "float32")):
        assert float(model(X)[0, 0]) == 9.0
    assert float(model(X)[0, 0]) == pytest.approx(W @ X[0] + 0.5)
    assert "call" not in vars(layer)


@pytest.mark.slow
def test_maps_change_with_the_weights():
    """The model-randomisation check of Adebayo et al. on a small trained network."""
    generator = np.random.default_rng(0)
    inputs = keras.Input((8, 8, 1))
    x = Conv2D(4, 3, activation="tanh")(Normalization(axis=None)(inputs))
    model = keras.Model(inputs, Dense(2)(keras.layers.Flatten()(x)))
    sample = generator.random((1, 8, 8, 1)).astype("float32")
    without = ("filters", "feature_maps", "activation_maximisation")
    without += ("reconstruction_error", "attention")  # it has none
    names = [name for name in methods() if name not in without]
    before = {
        n: methods()[n].explain(case_of(model, sample, wanted="0")) for n in names
    }
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            shape = layer.kernel.shape
            layer.kernel.assign(generator.normal(0, 0.3, shape))
    for name in names:
        after = methods()[name].explain(case_of(model, sample, wanted="0"))
        pair = before[name].attributions, after.attributions
        one, other = (np.ravel(each - each.mean()) for each in pair)
        sizes = np.linalg.norm(one) * np.linalg.norm(other)
        assert sizes > 0
        assert abs(one @ other) < 0.6 * sizes, name


def test_every_method_says_how_to_read_it_in_one_sentence():
    for name, method in methods().items():
        assert method.READING.endswith("."), name
        assert ". " not in method.READING
        assert len(method.READING.split()) > 15
