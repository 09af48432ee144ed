"""Weights of samples and of classes in the training loss."""

import types

import numpy as np

import zoo
from zoo.training.weighting import weighted


def test_a_sample_weighs_its_own_weight_times_that_of_its_class():
    data = zoo.load_dataset("iris")
    y = data.train.y
    own = np.linspace(0.5, 2.0, len(y))
    config = types.SimpleNamespace(
        sample_weight="given",
        objects={"sample_weight": own},
        recipe=types.SimpleNamespace(class_weight={data.labels[1]: 3.0}),
    )
    found = weighted(data, config).train[2]
    np.testing.assert_allclose(found, own * np.where(y == 1, 3.0, 1.0), rtol=1e-6)
