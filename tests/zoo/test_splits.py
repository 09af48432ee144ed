"""Which split a number comes from: the three of this dataset are far apart."""

import keras
import numpy as np
import pytest

import zoo
from zoo.datasets import Dataset, Split
from zoo.training.adapt import adapt
from zoo.training.job import prepare

MEANS = {"train": 1.0, "validation": 10.0, "test": 100.0}
OF_CLASS_B = {"train": 20, "validation": 36, "test": 10}  # of 40 samples


@pytest.fixture
def apart():
    """Noise around another mean in each split, with another balance of the classes."""
    rng = np.random.default_rng(0)
    splits = {}
    for name, mean in MEANS.items():
        y = (rng.permutation(40) < OF_CLASS_B[name]).astype("int64")
        x = rng.normal(size=(40, 4)) + mean
        splits[name] = Split(x.astype("float32"), y)
    return Dataset("apart", **splits, labels=("a", "b"))


def test_normalization_knows_the_training_split_alone(apart):
    job = prepare("mlp", dataset=apart)
    adapt(job.model, job.data)
    (layer,) = [x for x in job.model.layers if hasattr(x, "adapt")]
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(layer.mean).ravel(),
        apart.train.x.mean(axis=0),
        rtol=1e-5,
    )


@pytest.mark.slow
def test_each_score_is_of_its_split(tmp_path, apart):
    run = zoo.train("mlp", dataset=apart, epochs=1, jit="off", output=tmp_path / "run")
    logits = {name: run.model(split.x).numpy() for name, split in apart.splits.items()}
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    losses = {
        name: float(loss(split.y, logits[name])) for name, split in apart.splits.items()
    }
    assert run.history["val_loss"] == [pytest.approx(losses["validation"], rel=1e-4)]
    assert losses["train"] != pytest.approx(losses["validation"], rel=0.01)
    right = logits["test"].argmax(axis=-1) == apart.test.y
    assert run.metrics["accuracy"] == pytest.approx(right.mean())
