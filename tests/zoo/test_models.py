"""One suite over every registered model."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import export
import zoo
from custom_layers import losses
from custom_layers.optimizers import Adam
from tests.zoo.rows import ROWS, distinct, kindred, one_of_each_architecture
from tests.zoo.task_rows import TASKS
from zoo import tasks
from zoo.datasets import Split
from zoo.machines.devices import Devices, choose
from zoo.runs.architecture import architecture
from zoo.tasks.tokens import vocabulary_size
from zoo.training.engine import engine_for

pytestmark = pytest.mark.independent
rows = pytest.mark.parametrize("row", distinct(), ids=lambda row: row.name)


def one_of_each(kindred):
    """Each distinct row, slow if it is among the kindred of a row above it."""
    return pytest.mark.parametrize(
        "row",
        [
            pytest.param(row, marks=[pytest.mark.slow] * (row in kindred), id=row.name)
            for row in distinct()
        ],
    )


# What trains or exports is slow for all models of a family and task but one, what
# compiles or takes many steps for all of a family but one.
trained_rows = one_of_each(kindred())
compiled_rows = one_of_each(kindred(by_task=False))
names = pytest.mark.parametrize("name", zoo.list_models())
BATCH = 6
TIME_STEPS = 5


def build(row, **more):
    keras.utils.set_random_seed(0)
    return zoo.create_model(row.name, **row.arguments, **more)


def task_of(model):
    return tasks.get(zoo.model_spec(model.name).task)


def batch(model, size=BATCH):
    """Samples and targets of the kind that the model's task asks for."""
    generator = np.random.default_rng(1)
    spec = zoo.model_spec(model.name)
    shape = [size, *(TIME_STEPS if n is None else n for n in model.input_shape[1:])]
    classes = model.output_shape[-1]
    if spec.input == "tokens":
        x = generator.integers(1, vocabulary_size(model), shape)
    else:
        x = TASKS[spec.task].draw(generator, shape)
    return x, TASKS[spec.task].targets(x, classes)


def compiled(model, **options):
    loss, loss_options = task_of(model).loss
    model.compile(Adam(0.01), getattr(losses, loss)(**loss_options), **options)
    return model


def stuck_weights(model):
    """Paths of the trainable weights that a train step does not move."""
    before = [np.array(w) for w in model.trainable_weights]
    x, y = batch(model)
    compiled(model, jit_compile=False).train_on_batch(x, y)
    return [
        weight.path
        for weight, old in zip(model.trainable_weights, before, strict=True)
        if np.array_equal(np.array(weight), old)
    ]


def test_every_architecture_has_a_row():
    architectures = {zoo.model_spec(name).architecture for name in zoo.list_models()}
    assert {row.name for row in ROWS} == architectures


def parts(model):
    """The layers of a model, those of the models within it as well."""
    for layer in model.layers:
        yield from parts(layer) if isinstance(layer, keras.Model) else (layer,)


def foreign_layers(model):
    """The names of the layers that are not of `custom_layers`."""
    return [
        layer.name
        for layer in parts(model)
        if not isinstance(layer, keras.layers.InputLayer)
        and not type(layer).__module__.startswith("custom_layers")
    ]


@names
def test_spec_matches_the_model(name):
    spec = zoo.model_spec(name)
    model = zoo.create_model(name)
    assert model.name == name
    assert [tensor.name for tensor in model.inputs] == [spec.input]
    fixed = tasks.get(spec.task).fixed_in_model(model)
    assert fixed == {key: spec.parameters[key] for key in fixed}
    if spec.task in ("classification", "language_modelling", "tagging"):
        assert model.layers[-1].name == "logits"
    assert spec.paper
    assert spec.summary
    assert foreign_layers(model) == []


@pytest.mark.parametrize("name", one_of_each_architecture("*.*"))
def test_an_instance_computes_what_its_architecture_computes(name):
    # A run of the architecture is trained as the instance: its weights must mean
    # the same in both.
    spec = zoo.model_spec(name)
    instance = zoo.create_model(name)
    architecture = zoo.create_model(spec.architecture, task=spec.task, **spec.arguments)
    architecture.set_weights(instance.get_weights())
    x, _ = batch(instance)
    np.testing.assert_allclose(architecture(x), instance(x), atol=1e-6)


@rows
def test_forward(row):
    model = build(row)
    x, y = batch(model)
    outputs = np.asarray(model(x))
    # These have several things side by side: pixels and codes, boxes and logits; the
    # targets of agents are columns.
    others = ("generation", "detection", "policy_gradient", "q_learning")
    if task_of(model).name not in others:
        assert outputs.shape == (BATCH, *y.shape[1:], *outputs.shape[y.ndim :])
    assert np.isfinite(outputs).all()


@trained_rows
def test_each_weight_moves(row):
    assert stuck_weights(build(row)) == []


@pytest.mark.slow
def test_a_frozen_weight_is_named(monkeypatch):
    model = build(ROWS[0])
    monkeypatch.setattr(
        Adam,
        "update_step",
        lambda self, gradient, variable, rate, real=Adam.update_step: (
            None if "C3/bias" in variable.name else real(self, gradient, variable, rate)
        ),
    )
    assert [path[-7:] for path in stuck_weights(model)] == ["C3/bias"]


class StopWhenFitted(keras.callbacks.Callback):
    def __init__(self, loss):
        super().__init__()
        self.loss = loss

    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = logs["loss"] < self.loss


@pytest.mark.slow
@compiled_rows
def test_overfits_one_batch(row):
    model = build(row)
    x, y = batch(model)
    stop = StopWhenFitted(row.fitted)
    again = [np.concatenate([array] * 20) for array in (x, y)]  # an epoch takes long
    options = {"batch_size": BATCH, "shuffle": False, "verbose": 0}
    compiled(model).optimizer.learning_rate = row.learning_rate
    history = model.fit(*again, epochs=40, callbacks=[stop], **options)
    assert history.history["loss"][-1] < row.fitted
    if model.layers[-1].name == "logits":
        best = np.argmax(model.predict(x, verbose=0), axis=-1)
        assert (best == y)[y >= 0].all()


def draws(layer):
    """Whether a layer does something at random."""
    generator = keras.random.SeedGenerator
    return any(isinstance(value, generator) for value in vars(layer).values())


def with_a_stand_in_for_a_tpu(row):
    """A model and an engine whose steps XLA compiles, batches padded to four."""
    strategy = tf.distribute.OneDeviceStrategy("cpu:0")
    devices = Devices("tpu", "a stand-in", strategy.scope, strategy=strategy)
    with devices.scope():
        model = compiled(build(row))
        engine = engine_for(model, devices, batch_size=4, jit=True)
        # By itself, an engine under a strategy leaves XLA to the strategy.
        engine._loop = tf.function(engine._train_all, jit_compile=True, autograph=False)
    return model, engine


def train_for_an_epoch(engine):
    """Six samples in batches of four: two of the second are padding, where need be."""
    split = Split(*batch(engine.model))
    with engine._devices.scope():
        engine.build(split)
        engine.start_means()
        return engine.train(engine.place(split), engine.order(np.arange(BATCH)), 0, 2)


def is_the_same_for_each_sample(model):
    """Whether nothing is random and no sample's outputs depend on the others."""
    return not any(
        "BatchNormalization" in kind.__name__
        or draws(layer)
        or getattr(layer, "activity_regularizer", None)  # may be of the batch's mean
        for layer in model._flatten_layers()
        for kind in type(layer).__mro__
    )


@pytest.mark.slow
@compiled_rows
def test_train_steps_compile_under_xla_with_static_shapes(row):
    static, filling = with_a_stand_in_for_a_tpu(row)
    plain = compiled(build(row))
    taking = engine_for(plain, choose("cpu"), batch_size=4, jit=False)
    outcomes = [train_for_an_epoch(engine) for engine in (filling, taking)]
    assert outcomes[0].step == outcomes[1].step == 2
    assert outcomes[0].finite
    if not is_the_same_for_each_sample(plain):
        return
    assert outcomes[0].logs == pytest.approx(outcomes[1].logs, abs=1e-5)
    for ours, theirs in zip(static.weights, plain.weights, strict=True):
        # The softmax of attention does not depend on it: its gradient is rounding.
        if not ours.path.endswith("key/bias"):
            np.testing.assert_allclose(ours, theirs, atol=2e-5, err_msg=ours.path)


@pytest.mark.slow
def test_samples_that_do_not_count_would_be_noticed(monkeypatch):
    monkeypatch.setattr(
        "zoo.training.engine.base.weights",
        lambda valid, *_, **__: None if valid is None else valid * 0 + 1,
    )
    with pytest.raises(AssertionError):
        test_train_steps_compile_under_xla_with_static_shapes(ROWS[1])


@pytest.mark.slow
def test_each_model_is_recognized_when_it_is_built_again():
    twice = ((row.name, build(row), build(row)) for row in distinct())
    assert [name for name, a, b in twice if architecture(a) != architecture(b)] == []


@pytest.mark.slow
def test_saved_models_load_in_a_fresh_process(tmp_path):
    expected = {}
    for row in distinct():
        model = build(row)
        model.save(tmp_path / f"{row.name}.keras")
        expected[row.name] = np.asarray(model(batch(model, 2)[0]))
        np.save(tmp_path / f"{row.name}.npy", batch(model, 2)[0])
    script = """
import sys, pathlib, keras, numpy as np, custom_layers
for path in pathlib.Path(sys.argv[1]).glob("*.keras"):
    model = keras.saving.load_model(path)
    np.save(path.with_suffix(".out.npy"), model(np.load(path.with_suffix(".npy"))))
"""
    subprocess.run([sys.executable, "-c", script, tmp_path], check=True)
    for name, logits in expected.items():
        loaded = np.load(tmp_path / f"{name}.out.npy")
        np.testing.assert_allclose(loaded, logits, atol=1e-6)


@trained_rows
def test_exports_with_parity(row, tmp_path):
    artifact = export.export_model(build(row), tmp_path)
    parity = artifact.manifest["parity"]
    assert set(parity["max_difference"]) == set(export.DEFAULT_FORMATS)
    assert parity["batch_sizes"] == [1, 7]
    names = tasks.get(zoo.model_spec(row.name).task).outputs(build(row)).keys()
    signatures = artifact.manifest["signatures"]
    assert signatures["serving_default"]["outputs"].keys() == names
    for format, differences in parity["max_difference"].items():
        held = [each for each in signatures.values() if format in each["formats"]]
        assert differences.keys() == {name for each in held for name in each["outputs"]}
        assert max(differences.values()) < 1e-5
