"""Moving averages of the weights: those of `fit`, scored, saved, resumed."""

import keras
import numpy as np
import pytest

import zoo
from zoo.runs.order import permutation
from zoo.training.adapt import adapt
from zoo.training.averaging import averaged_weights
from zoo.training.callbacks import check_swaps
from zoo.training.job import prepare

from .test_callbacks import PLAIN, assert_same, straight_and_resumed


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {"ema_momentum": 0.5},
        pytest.param(
            {"ema_momentum": 0.9, "ema_overwrite_frequency": 2},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_the_final_weights_are_those_of_fit(tmp_path, options):
    asked = PLAIN | {"epochs": 1}
    asked["optimizer"] = "SGD", {"use_ema": True, **options}
    job = prepare("mlp", **asked)
    adapt(job.model, job.data)
    x, y = job.data.train
    order = permutation(job.recipe.seed, 0, len(y))
    job.model.compile(
        keras.optimizers.SGD(0.1, use_ema=True, **options),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    size = job.recipe.batch_size
    job.model.fit(x[order], y[order], size, shuffle=False, verbose=0)
    loss = job.model.evaluate(*job.data.validation, verbose=0, return_dict=True)["loss"]
    run = zoo.train("mlp", output=tmp_path / "r", **asked)
    for ours, theirs in zip(
        run.model.get_weights(), job.model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    assert run.history["val_loss"][0] == pytest.approx(loss, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("on_epoch", [False, True])
@pytest.mark.parametrize("step", [7, 10])
def test_swapped_weights_survive_a_resume(tmp_path, on_epoch, step):
    def make(folder):
        best = str(folder / "files/best.keras")
        swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=on_epoch)
        return [swap, keras.callbacks.ModelCheckpoint(best, save_best_only=True)]

    options = {"epochs": 4, "monitor": "val_loss", "ema": 0.5}
    whole, cut = straight_and_resumed(tmp_path, make, step=step, **options)
    assert_same(whole, cut)
    plain = zoo.train("mlp", output=tmp_path / "plain", **PLAIN, **options)
    # Swapping adds and subtracts, which rounds.
    for a, b in zip(plain.model.weights, whole[1].model.weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    saved = keras.saving.load_model(whole[0] / "files/best.keras").get_weights()
    is_average = np.allclose(saved[3], plain.model.get_weights()[3], atol=1e-6)
    assert is_average == on_epoch


@pytest.mark.parametrize("wrapped", [False, True])
def test_weights_are_averaged_within_the_block_only(wrapped):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    optimizer = keras.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5)
    if wrapped:
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=1.0)
    model.compile(optimizer, "mse")
    model.set_weights([np.zeros((1, 1)), np.zeros(1)])
    optimizer.build(model.trainable_variables)
    for gradient in ([[-1.0]], [-2.0]), ([[-1.0]], [-2.0]):
        optimizer.apply([keras.ops.convert_to_tensor(each) for each in gradient])
    # The first average is the first weights: 1; then (1 + 2) / 2.
    with averaged_weights(model, []):
        assert model.get_weights()[0] == 1.5
        assert model.get_weights()[1] == 3.0
    assert model.get_weights()[0] == 2.0


def test_each_optimizer_of_several_has_an_average_of_its_own():
    """The kernel is averaged, the bias is not."""
    kernel = keras.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5)
    bias = keras.optimizers.SGD(1.0)
    optimizer = keras.optimizers.MultiOptimizer(
        lambda variable: kernel if variable.name == "kernel" else bias
    )
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer, "mse")
    model.set_weights([np.zeros((1, 1)), np.zeros(1)])
    optimizer.build(model.trainable_variables)
    check_swaps(model, [keras.callbacks.SwapEMAWeights()])
    for _ in range(2):
        optimizer.apply([keras.ops.full((1, 1), -1.0), keras.ops.full((1,), -2.0)])
    with averaged_weights(model, []):
        assert [float(w.item()) for w in model.get_weights()] == [1.5, 4.0]
    assert [float(w.item()) for w in model.get_weights()] == [2.0, 4.0]


@pytest.mark.parametrize("accumulation", [None, 3])
def test_before_the_first_update_the_average_is_the_weights(accumulation):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    optimizer = keras.optimizers.SGD(
        1.0, use_ema=True, gradient_accumulation_steps=accumulation
    )
    scaled = keras.optimizers.LossScaleOptimizer(optimizer)
    model.compile(scaled, "mse")
    model.set_weights([np.full((1, 1), 3.0), np.full(1, 5.0)])
    scaled.build(model.trainable_variables)
    infinite = [keras.ops.full((1, 1), np.inf), keras.ops.full((1,), np.inf)]
    scaled.apply(infinite)  # the loss scale is halved, and nothing else changes
    with averaged_weights(model, []):
        assert [float(w.item()) for w in model.get_weights()] == [3.0, 5.0]
    if accumulation:
        scaled.apply([keras.ops.ones((1, 1)), keras.ops.ones((1,))])
        with averaged_weights(model, []):
            assert [float(w.item()) for w in model.get_weights()] == [3.0, 5.0]


class _FirstStep(keras.callbacks.Callback):
    """Keeps the weights after the first step."""

    weights = None

    def on_train_batch_end(self, batch, logs=None):
        if self.weights is None:
            self.weights = self.model.get_weights()


@pytest.mark.slow
def test_an_ensemble_is_of_averaged_weights(tmp_path):
    """An average that hardly moves stays where it begins, after the first step."""
    asked = PLAIN | {"epochs": 1, "dataset": "iris"}
    slow = "SGD", {"use_ema": True, "ema_momentum": 0.999999}
    ensemble = zoo.train_ensemble(
        "mlp", members=2, output=tmp_path / "e", **asked | {"optimizer": slow}
    )
    for seed in range(2):
        first = _FirstStep()
        folder = tmp_path / str(seed)
        plain = zoo.train("mlp", seed=seed, output=folder, callbacks=[first], **asked)
        found = ensemble.model.get_layer(f"member_{seed}").get_weights()
        for got, want in zip(found, first.weights, strict=True):
            np.testing.assert_allclose(got, want, atol=1e-5)
        assert not np.allclose(found[-1], plain.model.get_weights()[-1], atol=1e-3)
