"""Encoders that learn without labels, and what starts from them."""

import keras
import numpy as np
import pytest

import export
import zoo
from benchmarks import pretraining
from zoo import tasks
from zoo.datasets.labelled import keep_labelled
from zoo.errors import ZooError
from zoo.weights.transfer import copy_encoder

PRETEXT = ("rotation", "simclr", "masked_autoencoder", "stacked_autoencoder")


@pytest.fixture(scope="module")
def digits():
    return zoo.load_dataset("digits")


def test_few_labels_are_balanced_and_nested(digits):
    few, more = keep_labelled(digits, 25), keep_labelled(digits, 100)
    assert np.bincount(more.train.y).tolist() == [10] * 10
    assert sorted(np.bincount(few.train.y).tolist()) == [2] * 5 + [3] * 5
    known = {x.tobytes() for x in more.train.x}
    assert all(x.tobytes() in known for x in few.train.x)
    np.testing.assert_array_equal(few.test.x, digits.test.x)
    loaded = zoo.load_dataset("digits", labelled=25)
    np.testing.assert_array_equal(loaded.train.x, few.train.x)


@pytest.mark.parametrize("count", [9, 10_000])
def test_as_few_as_classes_or_as_many_as_samples(digits, count):
    with pytest.raises(ZooError, match="`labelled` must be between these"):
        keep_labelled(digits, count)


def test_labels_of_other_tasks_are_not_counted():
    with pytest.raises(ZooError, match="`labelled` has no meaning for toy_series"):
        zoo.load_dataset("toy_series", labelled=10)


def made(name, **arguments):
    keras.utils.set_random_seed(1)
    return zoo.create_model(name, maximum=1.0, **arguments)


def test_each_image_stands_in_all_four_ways():
    model = made("rotation")
    x = np.random.default_rng(0).random((3, 8, 8, 1)).astype("float32")
    expected = 0
    for k in range(4):
        features = model.get_layer("encoder")(np.rot90(x, k, axes=(1, 2)))
        logits = np.asarray(model.get_layer("turns")(features))
        expected = expected + np.log(np.exp(logits).sum(axis=-1)) - logits[:, k]
    np.testing.assert_allclose(np.ravel(model(x)), expected / 4, rtol=1e-5)


def test_rotation_is_of_square_images():
    with pytest.raises(ZooError, match="turns square images"):
        zoo.create_model("rotation", input_shape=(8, 6, 1))


def test_the_loss_is_of_masked_patches_alone():
    model = made("masked_autoencoder")
    decoded = model.get_layer("decoded")
    decoded.set_weights([np.zeros(w.shape) for w in decoded.weights])
    # The decoder says 0.5 everywhere; the image is 0.5 on the left and 1 on the right.
    x = np.full((200, 8, 8, 1), 0.5)
    x[:, :, 4:] = 1.0
    whole = np.ravel(model(x))
    np.testing.assert_allclose(whole, 0.25 / 2, atol=1e-6)
    losses = np.ravel(model(x, training=True))
    # Of 16 patches the masked ones on the right count 0.25, of those on the left 0.
    assert losses.std() > 0.02
    assert losses.mean() == pytest.approx(0.125, abs=0.01)


def test_views_differ_in_training_alone():
    model = made("simclr")
    x = np.random.default_rng(0).random((4, 8, 8, 1))
    same = np.split(np.asarray(model(x)), 2, axis=-1)
    np.testing.assert_array_equal(*same)
    different = np.split(np.asarray(model(x, training=True)), 2, axis=-1)
    assert np.abs(different[0] - different[1]).max() > 1e-3


def test_no_layer_learns_for_another():
    import tensorflow as tf

    model = made("stacked_autoencoder", hidden_units=(6, 5, 4))
    x = np.random.default_rng(0).random((4, 8, 8, 1))
    layers = [model.get_layer("encoder").get_layer(f"hidden_{i}") for i in (1, 2, 3)]
    kernels = [layer.kernel.value for layer in layers]
    with tf.GradientTape(persistent=True) as tape:
        losses = model(x, training=True)
        parts = [tf.reduce_sum(losses[:, k]) for k in range(3)]
    for k, part in enumerate(parts):
        gradients = [tape.gradient(part, kernel) for kernel in kernels]
        found = [bool(tf.reduce_any(each != 0)) for each in gradients]
        assert found == [i == k for i in range(3)]


def test_an_encoder_is_copied_from_a_pretext_task():
    source, target = made("simclr"), made("encoder_cnn", num_classes=3)
    copy_encoder(source, target)
    encoders = [model.get_layer("encoder") for model in (source, target)]
    for ours, theirs in zip(*(e.get_weights() for e in encoders), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_another_encoder_is_refused():
    with pytest.raises(ZooError, match="were made for rotation, whose encoder is none"):
        copy_encoder(made("rotation", filters=(4,)), made("encoder_cnn"))
    with pytest.raises(ZooError, match="were made for lenet5"):
        copy_encoder(zoo.create_model("lenet5"), made("encoder_cnn"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "task",
    [pytest.param(t, marks=[pytest.mark.slow] * (t != PRETEXT[3])) for t in PRETEXT],
)
def test_a_probe_starts_from_a_pretext_run(task, tmp_path):
    own = {"hidden_units": [16]} if task == PRETEXT[3] else {"filters": [8]}
    encoder = zoo.train(
        task, epochs=2, jit="off", overrides=own, output=tmp_path / "encoder"
    )
    assert len(encoder.history["val_pretext_loss"]) == 2
    assert encoder.metrics["probe_accuracy"] > 0.3
    run = zoo.train(
        pretraining.CLASSIFIERS[task],
        dataset="digits",
        labelled=100,
        epochs=1,
        jit="off",
        weights=tmp_path / "encoder",
        freeze="encoder",
        output=tmp_path / "probe",
    )
    for ours, theirs in zip(
        run.model.get_layer("encoder").get_weights(),
        encoder.model.get_layer("encoder").get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.slow
def test_the_features_of_an_encoder_are_exported(tmp_path):
    model = made("rotation", filters=(4,))
    artifact = export.export_model(model, tmp_path)
    outputs = artifact.manifest["signatures"]["serving_default"]["outputs"]
    assert outputs["features"]["shape"] == [None, 4]


def test_the_probe_needs_labels(digits):
    data = tasks.get("self_supervised").encode(digits, {})
    assert data.train.y.shape == digits.train.y.shape
    assert data.task == "self_supervised"


def test_the_page_of_pretraining():
    rows = [
        {"dataset": "digits", "task": "rotation", "labelled": 100, "seed": seed}
        | {"way": way, "accuracy": accuracy + seed / 100}
        for seed in (0, 1)
        for way, accuracy in (("scratch", 0.8), ("fine-tuned", 0.85), ("probe", 0.7))
    ]
    last = pretraining.table(rows).splitlines()[-1]
    assert last == (
        "| digits | `rotation` | 100 | 80.50% ± 0.71% | 85.50% ± 0.71% | "
        "70.50% ± 0.71% | **+5.00 points, 2 seeds** |"
    )
