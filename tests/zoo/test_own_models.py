"""Models of the user's own: trained, resumed, scored, exported and served."""

import json

import keras
import numpy as np
import pytest

import export
import zoo
from serving.engines import load_engine
from zoo.components import describe
from zoo.errors import ArgumentError, DatasetError, RunError, ZooError
from zoo.runs.architecture import architecture

QUICK = {"epochs": 2, "jit": "off", "batch_size": 16}


def layers(units, activation):
    return [
        keras.layers.Dense(8, activation="tanh"),
        keras.layers.Dense(units, activation=activation),
    ]


def functional(units=3, activation=None):
    x = keras.Input((4,), name="measurements")
    first, second = layers(units, activation)
    return keras.Model(x, second(first(x)), name="mine")


def sequential(units=3, activation=None):
    return keras.Sequential(
        [keras.Input((4,)), *layers(units, activation)], name="mine"
    )


@keras.saving.register_keras_serializable("tests")
class Subclassed(keras.Model):
    def __init__(self, units=3, activation=None, **options):
        super().__init__(**options)
        self.units, self.activation = units, activation
        self.first, self.second = layers(units, activation)

    def call(self, x):
        return self.second(self.first(x))

    def get_config(self):
        return {"units": self.units, "activation": self.activation, "name": self.name}


def subclassed(units=3, activation=None):
    return Subclassed(units, activation, name="mine")


def seeded(build, *, compiled, **options):
    keras.utils.set_random_seed(7)
    model = build(activation="softmax" if compiled else None, **options)
    if compiled:
        model.compile(
            keras.optimizers.SGD(0.1, momentum=0.9),
            "sparse_categorical_crossentropy",
            metrics=[
                "accuracy",
                keras.metrics.SparseTopKCategoricalAccuracy(2, name="top2"),
            ],
        )
    return model


@pytest.mark.parametrize(
    ("build", "compiled"),
    [
        (functional, True),
        (subclassed, False),
        pytest.param(functional, False, marks=pytest.mark.slow),
        pytest.param(sequential, False, marks=pytest.mark.slow),
        pytest.param(sequential, True, marks=pytest.mark.slow),
        pytest.param(subclassed, True, marks=pytest.mark.slow),
    ],
    ids=lambda each: getattr(each, "__name__", "compiled" if each else "plain"),
)
def test_a_model_is_trained_exported_and_served(tmp_path, capsys, build, compiled):
    whole = zoo.train(
        seeded(build, compiled=compiled), dataset="iris", output=tmp_path / "w", **QUICK
    )
    printed = capsys.readouterr().err
    assert "trained for classification, the task of dataset 'iris'" in printed
    config = json.loads((tmp_path / "w/config.json").read_text())
    assert (config["name"], config["task"]) == ("mine", "classification")
    optimizer = config["recipe"]["optimizer"]
    assert optimizer[0] == ("keras.optimizers.SGD" if compiled else "Adam")
    assert optimizer[1]["learning_rate"] == (0.1 if compiled else 0.001)
    if compiled:
        assert config["recipe"]["loss"][0].endswith("SparseCategoricalCrossentropy")
        assert config["recipe"]["loss"][1].get("from_logits", False) is False
        assert {"accuracy", "top2"} <= whole.metrics.keys()

    class Interrupt(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        zoo.train(
            seeded(build, compiled=compiled),
            dataset="iris",
            output=tmp_path / "c",
            callbacks=[Interrupt()],
            **QUICK,
        )
    resumed = zoo.train(
        seeded(build, compiled=compiled), output=tmp_path / "c", resume=True
    )
    assert resumed.history["val_loss"] == whole.history["val_loss"]
    for a, b in zip(resumed.model.weights, whole.model.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    for run in (whole, whole.directory):
        assert zoo.evaluate(run) == pytest.approx(whole.metrics, rel=1e-5)
    assert zoo.report(whole.directory).exists()
    artifact = export.export_model(whole.directory, tmp_path / "models")
    x = zoo.load_dataset("iris").test.x
    answers = np.asarray(whole.model(x.astype("float32")))
    if not compiled:
        answers = np.asarray(keras.ops.softmax(answers))
    inputs = artifact.manifest["signatures"]["serving_default"]["inputs"]
    for kind in ("tensorflow", "onnx"):
        engine = load_engine(artifact.path, kind)
        found = engine.predict(
            "serving_default", {name: x.astype("float32") for name in inputs}
        )
        np.testing.assert_allclose(found["probabilities"], answers, atol=1e-5)
        np.testing.assert_array_equal(found["class_ids"], answers.argmax(-1))


def test_an_unbuilt_model_is_built_and_this_is_printed(tmp_path, capsys):
    model = keras.Sequential(layers(3, None), name="mine")
    zoo.train(model, dataset="iris", output=tmp_path / "r", **QUICK)
    printed = capsys.readouterr().err
    assert "'mine' was not built; it now is" in printed
    assert "the samples of dataset 'iris', of shape (4,)" in printed


def test_answers_that_are_probabilities_are_taken_as_such(tmp_path, capsys):
    model = functional(activation="softmax")
    run = zoo.train(model, dataset="iris", output=tmp_path / "r", **QUICK)
    assert "taken as probabilities" in capsys.readouterr().err
    assert run.config["recipe"]["loss"][1] == {"from_logits": False}


def test_a_model_without_a_run_is_scored_by_what_its_answers_are(capsys):
    model = functional(activation="softmax")
    found = zoo.evaluate(model, "iris")
    assert "taken as probabilities" in capsys.readouterr().err
    x, y = zoo.load_dataset("iris").test
    loss = keras.losses.SparseCategoricalCrossentropy()
    assert found["loss"] == pytest.approx(float(loss(y, model(x))), rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("activation", [None, "sigmoid"])
def test_one_answer_about_two_classes(tmp_path, activation):
    x = keras.Input((2,))
    first, second = layers(1, activation)
    model = keras.Model(x, second(first(x)), name="mine")
    options = QUICK | {"epochs": 30, "learning_rate": 0.1}
    run = zoo.train(model, dataset="circles", output=tmp_path / "r", **options)
    assert run.config["recipe"]["loss"][0] == "BinaryCrossentropy"
    assert run.metrics["accuracy"] > 0.9
    assert zoo.evaluate(run.directory) == pytest.approx(run.metrics, rel=1e-5)
    x, y = zoo.load_dataset("circles").test
    artifact = export.export_model(run, tmp_path / "models", formats=["saved_model"])
    (name,) = artifact.manifest["signatures"]["serving_default"]["inputs"]
    engine = load_engine(artifact.path)
    found = engine.predict("serving_default", {name: x.astype("float32")})
    assert (found["class_ids"] == y).mean() == pytest.approx(run.metrics["accuracy"])


def mean_of_squares(y_true, y_pred):
    one_hot = keras.ops.one_hot(keras.ops.cast(y_true, "int32"), 3)
    return keras.ops.mean(keras.ops.square(one_hot - y_pred), axis=-1)


@pytest.mark.slow
def test_a_loss_that_is_a_function(tmp_path):
    model = functional(activation="softmax")
    model.compile("adam", mean_of_squares)
    run = zoo.train(model, dataset="iris", output=tmp_path / "r", **QUICK)
    x, y = zoo.load_dataset("iris").test
    expected = float(np.mean(mean_of_squares(y, run.model(x.astype("float32")))))
    assert run.metrics["loss"] == pytest.approx(expected, rel=1e-5)
    assert zoo.evaluate(run.directory)["loss"] == pytest.approx(expected, rel=1e-5)


def test_options_take_the_place_of_what_was_compiled(tmp_path):
    model = seeded(functional, compiled=True)
    options = QUICK | {"learning_rate": 0.01}
    run = zoo.train(model, dataset="iris", output=tmp_path / "r", **options)
    name, arguments = run.config["recipe"]["optimizer"]
    assert name == "keras.optimizers.SGD"
    assert (arguments["learning_rate"], arguments["momentum"]) == (0.01, 0.9)


@pytest.mark.slow
def test_plan_leaves_the_model_as_it_is():
    model = functional()
    before = model.get_weights()
    plan = zoo.plan(model, dataset="iris", **QUICK)
    assert (plan.name, plan.steps) == ("mine", 10)
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


class OwnStep(keras.Model):
    def train_step(self, data):
        raise NotImplementedError


def two_outputs():
    x = keras.Input((4,))
    return keras.Model(x, [keras.layers.Dense(3)(x), keras.layers.Dense(3)(x)])


def with_own_step():
    x = keras.Input((4,))
    return OwnStep(x, keras.layers.Dense(3)(x))


def unfit_loss():
    model = functional()
    model.compile("adam", "categorical_crossentropy")
    return model


@pytest.mark.parametrize(
    ("build", "options", "error", "message"),
    [
        (
            functional,
            {"dataset": None},
            ArgumentError,
            "Give the `dataset`",
        ),
        (
            lambda: functional(5),
            {},
            DatasetError,
            "size 5, dataset 'iris' has 3",
        ),
        (functional, {"dataset": "digits"}, DatasetError, "not take the samples of"),
        (lambda: functional(3, "sigmoid"), {}, ArgumentError, "ends in a sigmoid for"),
        (two_outputs, {}, ArgumentError, "has several outputs"),
        (with_own_step, {}, ArgumentError, "a train_step of its own"),
        (unfit_loss, {}, ArgumentError, "The loss of model 'mine' cannot be computed"),
        (
            functional,
            {"overrides": {"units": 3}},
            ArgumentError,
            "for registered",
        ),
        (functional, {"task": "speech"}, ZooError, "Unknown task 'speech'"),
        (functional, {"epoch": 3}, ArgumentError, "no option `epoch`"),
    ],
)
def test_what_cannot_be_trained(tmp_path, build, options, error, message):
    options = {"dataset": "iris", "output": tmp_path / "r"} | options
    with pytest.raises(error, match=message) as caught:
        zoo.train(build(), **options)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "r").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "compiled",
    [True, pytest.param(False, marks=pytest.mark.slow)],
    ids=["compiled", "plain"],
)
def test_the_same_object_again_stands_for_what_its_user_compiled(tmp_path, compiled):
    model = seeded(functional, compiled=compiled)
    options = QUICK | {"dataset": "iris", "output": tmp_path / "r"}
    with pytest.raises(ArgumentError, match="loss of model 'mine' cannot be computed"):
        zoo.train(model, loss="MeanSquaredError", **options)
    first = zoo.train(model, **options | {"epochs": 1})
    second = zoo.train(model, resume=True, **options)
    assert len(second.history["loss"]) == 2
    assert second.config["recipe"] | {"epochs": 1} == first.config["recipe"]
    name = "keras.optimizers.SGD" if compiled else "Adam"
    assert second.config["recipe"]["optimizer"][0] == name


def test_a_name_that_no_backend_takes(tmp_path):
    model = keras.Sequential(layers(3, None), name="my model")
    with pytest.raises(ArgumentError, match="'my model' cannot be the name of a model"):
        zoo.train(model, dataset="iris", output=tmp_path / "r")


def test_an_optimizer_that_has_trained_is_known_by_its_arguments():
    model = seeded(functional, compiled=True)
    model.fit(np.ones((4, 4)), np.zeros(4), verbose=0)
    assert describe("optimizer", model.optimizer)[1]["momentum"] == 0.9


def test_a_run_of_an_own_model_needs_it_at_a_resume(tmp_path):
    zoo.train(functional(), dataset="iris", output=tmp_path / "r", **QUICK)
    with pytest.raises(ArgumentError, match="has to be given again: zoo.train.model"):
        zoo.train("mine", output=tmp_path / "r", resume=True)
    with pytest.raises(ZooError, match="a run of a model that is built otherwise"):
        zoo.train(
            keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)], name="mine"),
            output=tmp_path / "r",
            resume=True,
            epochs=3,
        )
    with pytest.raises(ArgumentError, match="Give the `output`"):
        zoo.train(functional(), dataset="iris", resume=True)


@pytest.mark.parametrize(
    ("build", "change"),
    [
        (functional, {"activation": "softmax"}),
        pytest.param(sequential, {"activation": "relu"}, marks=pytest.mark.slow),
        pytest.param(subclassed, {"activation": "relu"}, marks=pytest.mark.slow),
    ],
)
def test_another_model_of_the_same_shapes_is_not_resumed(tmp_path, build, change):
    options = QUICK | {"output": tmp_path / "r"}
    loss = "SparseCategoricalCrossentropy", {"from_logits": True}
    zoo.train(build(), dataset="iris", loss=loss, **options | {"epochs": 1})
    config = (tmp_path / "r/config.json").read_text()
    with pytest.raises(RunError, match="a run of a model that is built otherwise"):
        zoo.train(build(**change), resume=True, **options)
    assert (tmp_path / "r/config.json").read_text() == config
    again = zoo.train(build(), resume=True, **options)
    assert len(again.history["loss"]) == 2


def connected(order):
    x = keras.Input((4,))
    both = [keras.layers.Dense(4, activation=each)(x) for each in ("tanh", None)]
    difference = keras.layers.Subtract()([both[k] for k in order])
    return keras.Model(x, keras.layers.Lambda(lambda y: y * 2.0)(difference))


def operated(limit):
    x = keras.Input((4,))
    return keras.Model(x, keras.ops.sum(keras.ops.clip(x, 0.0, limit) * x, axis=-1))


def precise(dtype):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, dtype=dtype)])


@pytest.mark.parametrize(
    ("build", "first", "second"),
    [
        (connected, (0, 1), (1, 0)),
        (operated, 1.0, 2.0),
        (precise, "float32", "mixed_bfloat16"),
        (lambda rate: keras.Sequential([keras.layers.Dropout(rate)]), 0.1, 0.2),
        (lambda frozen: keras.layers.Dense(3, trainable=frozen), True, False),
    ],
)
def test_a_fingerprint_of_a_model(build, first, second):
    def found(value):
        built = build(value)
        layers = [keras.Input((4,)), built]
        is_model = isinstance(built, keras.Model)
        return architecture(built if is_model else keras.Sequential(layers))

    keras.layers.Dense(1)  # the next one has another number
    assert found(first) == found(first) != found(second)
