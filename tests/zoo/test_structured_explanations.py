"""Explanations of tags, words of captions, boxes and reconstructions."""

import keras
import numpy as np
import pytest
from keras import ops

import zoo
from custom_layers import AttentionDecoder, Conv2D, Dense, Embedding
from zoo.errors import ArgumentError, UnknownNameError
from zoo.inference.explanations.methods import (
    attention,
    grad_cam,
    gradient_times_input,
    integrated_gradients,
    occlusion,
    reconstruction_error,
)
from zoo.inference.explanations.model_case import ModelCase
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.pictures import Pixels

WORDS = ("", "<end>", "red", "blue")


def case_of(model, sample, task, labels, names=(), wanted=None, **takes):
    sample = np.asarray(sample)
    described = ModelInput("toy", sample.shape[1:], task, **takes)
    return ModelCase(model, described, sample, names, labels, wanted)


def tagger():
    """Gives each token the tag of the sign of its embedding, and of the one before."""
    tokens = keras.Input((None,), dtype="int32")
    embedding, dense = Embedding(4, 1), Dense(2, use_bias=False)
    x = embedding(tokens)
    before = ops.pad(x[:, :-1], [(0, 0), (1, 0), (0, 0)])
    model = keras.Model(tokens, dense(x + 3 * before))
    embedding.set_weights([np.array([[0.0], [0.0], [1.0], [-2.0]])])
    dense.set_weights([np.array([[1.0, -1.0]])])
    return model


def tagged(wanted=None):
    given = [[2, 3, 2]], "tagging", ("up", "down"), ("a", "b", "c"), wanted
    return case_of(tagger(), *given, takes_text=True)


def test_a_tag_is_explained_by_the_tokens_that_it_depends_on():
    case = tagged("2")
    assert (case.target.title, case.value) == ("logit of 2:up", 1.0)
    for method in (gradient_times_input, integrated_gradients, occlusion):
        found = method.explain(case).attributions
        np.testing.assert_allclose(found, [3.0, -2.0, 0.0], atol=1e-5)
    other = integrated_gradients.explain(tagged("2:down")).attributions
    np.testing.assert_allclose(other, [-3.0, 2.0, 0.0], atol=1e-5)
    assert tagged().target.name == "1:up"
    assert grad_cam.explain(case) is None


@pytest.mark.parametrize("wanted", ["0", "4", "up", "-1", "", ":up", "2.0"])
def test_of_another_place_the_places_are_said(wanted):
    with pytest.raises(UnknownNameError, match="the place of a token, 1 to 3"):
        tagged(wanted)


def test_another_tag_is_refused_by_name():
    with pytest.raises(UnknownNameError, match="Unknown target 'sideways'"):
        tagged("2:sideways")


def captioner():
    image = keras.Input((4, 4, 1))
    regions = keras.layers.Reshape((4, 1))(Conv2D(1, 2, strides=2)(image))
    decoder = AttentionDecoder(len(WORDS), 3, 2, 8, name="decoder")
    return keras.Model(image, decoder(regions))


@pytest.fixture
def captioned():
    keras.utils.set_random_seed(0)
    model = captioner()
    # No end of a sentence, so that three words are written.
    kernel, bias = model.get_layer("decoder").logits.get_weights()
    model.get_layer("decoder").logits.set_weights([kernel, bias + [-9, -9, 0, 0]])
    sample = np.random.default_rng(0).random((1, 4, 4, 1)).astype("float32")
    return lambda wanted=None: case_of(
        model, sample, "captioning", WORDS, wanted=wanted, pixels=Pixels(1.0)
    )


def test_a_word_is_explained_by_its_log_probability(captioned):
    case = captioned("3:blue")
    logits = np.asarray(case.model(case.sample))[0, 2].astype("float64")
    expected = logits[3] - np.log(np.exp(logits).sum())
    assert case.value == pytest.approx(expected, abs=1e-5)
    found = integrated_gradients.explain(case)
    assert found.figures["completeness_error"] < 0.01
    # The decoder has an embedding, which is not what a picture enters by.
    assert found.attributions.shape == (4, 4)


def test_attention_is_that_of_the_word_and_adds_up_to_one_region_size(captioned):
    first, last = (attention.explain(captioned(w)).attributions for w in ("1", "3"))
    assert first.shape == (4, 4)
    assert first.sum() == pytest.approx(4.0, abs=1e-5)  # of 4 pixels a region
    assert not np.allclose(first, last, atol=1e-7)
    assert attention.explain(tagged()) is None


def detector(logits):
    """Two anchors; what each finds is a multiple of the brightness of its half."""
    image = keras.Input((4, 4, 1))
    boxes = np.array([[0, 0, 0.5, 1.0], [0.5, 0, 1.0, 1.0]])
    halves = ops.stack([image[:, :, :2], image[:, :, 2:]], axis=1)
    bright = ops.mean(halves, axis=(2, 3, 4))[..., None]
    fixed = ops.concatenate([boxes, np.zeros((2, 4))], axis=-1)[None]
    fixed = ops.cast(fixed, "float32") + 0 * bright
    scores = bright * ops.convert_to_tensor(np.array(logits, "float32"))
    return keras.Model(image, ops.concatenate([fixed, scores], axis=-1))


FOUND = [[[4.0, -9.0], [-9.0, 6.0]]]


def detected(wanted=None, logits=FOUND):
    model = detector(logits)
    given = np.ones((1, 4, 4, 1), "float32"), "detection", ("cat", "dog"), (), wanted
    return case_of(model, *given, pixels=Pixels(1.0))


@pytest.mark.parametrize(
    ("wanted", "name", "value", "half"),
    [
        (None, "1:dog", 6.0, slice(2, 4)),
        ("2", "2:cat", 4.0, slice(2)),
        ("1:cat", "1:cat", -9.0, slice(2, 4)),
    ],
)
def test_a_box_is_explained_at_its_own_anchor(wanted, name, value, half):
    case = detected(wanted)
    assert (case.target.name, case.value) == (name, pytest.approx(value))
    for method in (gradient_times_input, integrated_gradients):
        found = method.explain(case).attributions
        assert found.sum() == pytest.approx(value, rel=1e-4)
        assert found[:, half].sum() == pytest.approx(value, rel=1e-4)


def test_where_nothing_is_found_nothing_is_explained():
    with pytest.raises(ArgumentError, match="finds nothing in this"):
        detected(logits=np.full((1, 2, 2), -9.0))


def autoencoder(scale=0.5):
    image = keras.Input((2, 2, 1))
    return keras.Model(image, image / 4.0 * scale)


def test_a_reconstruction_is_explained_by_its_error():
    sample = np.array([4.0, 0.0, 2.0, 0.0], "float32").reshape(1, 2, 2, 1)
    pixels = Pixels(4.0)
    case = case_of(autoencoder(), sample, "reconstruction", (), pixels=pixels)
    expected = np.array([[0.25, 0.0], [0.0625, 0.0]]) / 4
    assert case.target.title == "mean squared error"
    assert case.value == pytest.approx(expected.sum())
    for method in (reconstruction_error, integrated_gradients):
        found = method.explain(case).attributions
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-7)
    assert grad_cam.explain(case) is None


def test_without_the_scale_of_the_targets_there_is_no_error():
    with pytest.raises(ArgumentError, match="known what is scaled to 1"):
        case_of(autoencoder(), np.ones((1, 2, 2, 1)), "reconstruction", ())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("captioner.scene_captions", "attention"),
        ("detector.shape_scenes", "gradient"),
        ("conv_autoencoder.digits", "reconstruction_error"),
    ],
)
def test_shipped_models_are_explained_and_drawn(name, method, tmp_path):
    shape = zoo.create_model(name).input_shape[1:]
    picture = np.zeros(shape, "uint8")
    picture[shape[0] // 4 : shape[0] // 2, shape[1] // 4 : shape[1] // 2] = 16
    if shape[0] > 8:
        picture *= 12
    np.save(tmp_path / "x.npy", picture[np.newaxis])
    found = zoo.explain(name, tmp_path / "x.npy", methods=[method])
    assert found.explanations[method].attributions.shape == shape[:2]
    assert found.save(tmp_path / "why").is_file()
