"""One configuration: from Python, the command line, files, and at a resume."""

import inspect
import json
import pydoc
from pathlib import Path

import keras
import numpy as np
import pydantic
import pytest

import zoo
from zoo.cli.training_options import TrainingCommand, given
from zoo.components import describe
from zoo.config import NOT_SERIALIZED, Config, Recipe
from zoo.errors import ArgumentError, RunError, ZooError
from zoo.options import OPTIONS, configure
from zoo.training.job import prepare
from zoo.training.resolve import resolve
from zoo.validation import fields_of

# Nothing random but the weights, and quickly compiled.
PLAIN = {"optimizer": "SGD", "learning_rate": 0.1, "schedule": None, "jit": "off"}
PLAIN |= {"overrides": {"dropout": 0.0}}


def independent(y_true, y_pred):
    """A loss that does not depend on the outputs of the model."""
    return keras.ops.cast(y_true, "float32")


WRONG = [
    ({"epoch": 3}, "no option `epoch`. Did you mean epochs"),
    ({"epochs": "3"}, "`epochs` must be a whole number. Received: '3'"),
    ({"epochs": True}, "`epochs` must be a whole number. Received: True"),
    ({"epochs": 0}, "`epochs` must be 1 or more. Received: 0"),
    ({"epochs": 10**30}, "`epochs` must be 2147483647 or less"),
    ({"batch_size": -1}, "`batch_size` must be 1 or more"),
    ({"patience": -1}, "`patience` must be 0 or more"),
    ({"seed": 2**32}, "`seed` must be less than 4294967296"),
    ({"warmup_epochs": float("inf")}, "`warmup_epochs` must be a finite number"),
    ({"learning_rate": -1}, "`learning_rate` must be 0 or more"),
    ({"learning_rate": float("nan")}, "`learning_rate` must be a finite number"),
    ({"optimizer": {"learning_rate": float("nan")}}, "finite `learning_rate`"),
    ({"optimizer": {"learning_rate": True}}, "a number as its `learning_rate`"),
    ({"optimizer": "Adm"}, "Unknown optimizer 'Adm'. Did you mean Adam"),
    ({"optimizer": '["Adam"'}, "is not JSON; a name and its arguments are written as"),
    ({"optimizer": {"wings": 1}}, "`optimizer`: Adam cannot be made: .*wings"),
    ({"optimizer": ("Adam", {}, 3)}, "`optimizer` must be a name, or a name and"),
    ({"loss": "Hing"}, "Unknown loss 'Hing'. Did you mean Hinge"),
    ({"loss": {"from_logits": True}}, "`loss` has no component whose arguments"),
    ({"schedule": "Cosine"}, "Unknown schedule 'Cosine'. Did you mean CosineDecay"),
    ({"schedule": ("CosineDecay", {"wings": 1})}, "`schedule`: CosineDecay cannot be"),
    ({"metrics": ["Accurac"]}, "Unknown metric 'Accurac'. Did you mean Accuracy"),
    ({"monitor": "val_acc"}, "no epoch has a metric 'val_acc'. Did you mean val_accur"),
    ({"metrics": [("AUC", {"wings": 1})]}, "`metrics`: AUC cannot be made: .*wings"),
    (
        {"callbacks": ("EarlyStopping", {"wings": 1})},
        "`callbacks`: EarlyStopping cannot be made: .*wings",
    ),
    ({"mode": "lowest"}, "`mode` must be 'min' or 'max'. Received: 'lowest'"),
    ({"optimizer": {"epsilon": float("nan")}}, "Adam cannot be computed: .*not finite"),
    ({"class_weight": {"setosa": 1e39}}, "`class_weight`; the loss, multiplied by it"),
    ({"sample_weight": np.full(80, 3.3e38)}, "a weight of 3.3e.38, by `sample_weight`"),
    ({"loss": independent}, "loss of model 'mlp' .*no gradient by the outputs"),
    ({"accumulation": 1}, "`accumulation` must be 2 or more"),
    ({"ema": 1.0}, "`ema` must be less than 1"),
    ({"jit": "onn"}, "`jit` must be 'auto', 'on' or 'off'. Received: 'onn'"),
    ({"encoding": {"window": 3}}, "no `encoding.window`. Known: length, longest"),
    ({"class_weight": {"rose": 2}}, "has no class 'rose'. Known: setosa"),
    ({"class_weight": {"setosa": -2}}, "finite weights of 0 or more"),
    ({"class_weight": "even"}, "must be 'balanced', or an object"),
    ({"sample_weight": np.ones(3)}, "must be 80 numbers, one for each training sample"),
    ({"sample_weight": np.full(80, np.nan)}, "must be finite numbers of 0 or more"),
    ({"sample_weight": "nothing.npy"}, "nothing.npy cannot be read"),
    ({"augmentation": "RandomFlop"}, "Unknown augmentation 'RandomFlop'. Did you"),
    ({"augmentation": "RandomFlip"}, r"RandomFlip does not take samples of shape \(4,"),
    ({"augmentation": "RepeatVector"}, "`augmentation`: RepeatVector cannot be made"),
    # Objects of another kind, and classes that are only there to be subclassed.
    *(
        ({option: value}, f"`{option}` must be a name, .*Received")
        for option in ("optimizer", "schedule", "metrics", "callbacks", "augmentation")
        for value in (42, keras.losses.Hinge(), keras.Model, len)
    ),
    ({"loss": 42}, "`loss` must be a name, .*Received: 42"),
    ({"optimizer": "Optimizer"}, "Unknown optimizer 'Optimizer'"),
    ({"loss": "Loss"}, "Unknown loss 'Loss'"),
    ({"metrics": "Metric"}, "Unknown metric 'Metric'"),
    ({"optimizer": "LossScaleOptimizer", "schedule": None}, "Optimizer cannot be made"),
    ({"optimizer": "LossScaleOptimizer", "warmup_epochs": 1}, "rate of its own here"),
    ({"dataset": np.ones(3)}, "`dataset` must be a name, a path, or a zoo.Dataset"),
    ({"dataset": ([1], [1, 2])}, "`dataset` must be a name, a path, or a zoo.Dataset"),
    ({"weights": 5}, "`weights` must be a Run, a path, or the name of a model"),
    ({"recipe": {"epochs": 3}}, "`recipe` must be a zoo.Recipe or a file. Received"),
    ({"loss": "..Loss"}, "Cannot import .: TypeError"),
    # What the first step would find.
    ({"loss": "MeanSquaredError"}, "The loss of model 'mlp' cannot be computed for da"),
    ({"loss": lambda y_true: y_true}, "The loss of model 'mlp' cannot be computed"),
    ({"optimizer": ("Adam", {"beta_1": "x"})}, "step of optimizer Adam cannot be com"),
    ({"optimizer": ("SGD", {"clipnorm": "x"})}, "step of optimizer SGD cannot be com"),
    ({"schedule": ("CosineDecay", {"alpha": "x"})}, "step of optimizer Adam cannot"),
    (
        {"metrics": [("SparseTopKCategoricalAccuracy", {"k": "x"})]},
        "`metrics`: sparse_top_k_categorical_accuracy cannot be computed for data",
    ),
    (
        {"metrics": [("SparseTopKCategoricalAccuracy", {"name": "accuracy"})]},
        "`metrics`: two metrics are named 'accuracy'",
    ),
    (
        {"monitor": "val_acc", "callbacks": "TerminateOnNaN"},
        "`monitor`: no epoch has a metric 'val_acc'",
    ),
    (
        {"callbacks": ("EarlyStopping", {"monitor": "val_acc"})},
        "`callbacks`: EarlyStopping, `monitor`: no epoch has a metric 'val_acc'",
    ),
]


@pytest.mark.parametrize(("options", "message"), WRONG)
def test_a_wrong_value_is_refused_before_there_is_a_run(tmp_path, options, message):
    with pytest.raises(ZooError, match=message) as caught:
        zoo.train("mlp", output=tmp_path / "r", **options)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("name", [42, None, ["mlp"], keras.Model])
def test_a_model_that_is_none(tmp_path, name):
    with pytest.raises(ZooError, match="Unknown model "):
        zoo.train(name, output=tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_no_other_parameter_of_a_command_can_be_set():
    with TrainingCommand("train").make_context("train", []) as context:
        for change in ("name=mlp", "recipe=r.json"):
            with pytest.raises(ArgumentError, match="There is no option"):
                given(context, (change,))


def test_a_recipe_file_that_holds_no_object(tmp_path):
    path = tmp_path / "recipe.json"
    path.write_text("[]")
    with pytest.raises(ArgumentError, match="is wrong: it must be an object"):
        zoo.train("mlp", recipe=path)


def test_a_part_of_an_option_is_set_as_it_is_written():
    with TrainingCommand("train").make_context("train", []) as context:
        assert given(context, ("class-weight.Iris-setosa=2",)) == {
            "class_weight": {"Iris-setosa": 2}
        }


def test_a_monitor_that_no_callback_adds_is_a_one_line_error(tmp_path):
    options = PLAIN | {"callbacks": [keras.callbacks.LambdaCallback()], "epochs": 1}
    with pytest.raises(ArgumentError, match="epoch 1 has no metric 'val_acc'. Did you"):
        zoo.train(
            "mlp", output=tmp_path / "r", monitor="val_acc", mode="max", **options
        )


def test_a_component_of_a_module_that_raises(tmp_path, monkeypatch):
    (tmp_path / "raises_on_import.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ZooError, match="import raises_on_import: ZeroDivisionError"):
        zoo.train("mlp", output=tmp_path / "r", loss="raises_on_import.Loss")


@pytest.mark.parametrize(
    "callback",
    [
        keras.callbacks.ReduceLROnPlateau(),
        keras.callbacks.LearningRateScheduler(lambda epoch: 0.1),
        ("ReduceLROnPlateau", {"patience": 3}),
    ],
)
def test_a_schedule_beside_a_callback_that_sets_the_rate(tmp_path, callback):
    options = {"callbacks": [callback], "output": tmp_path / "r"}
    with pytest.raises(ArgumentError, match="sets the learning rate, which a schedule"):
        zoo.train("mlp", schedule="CosineDecay", **options)
    with pytest.raises(ArgumentError, match="sets the learning rate, which a schedule"):
        zoo.train("mlp", schedule=None, warmup_epochs=1, **options)
    assert not (tmp_path / "r").exists()


def test_the_same_line_from_the_command_line_and_from_a_file(tmp_path, capsys):
    from zoo.cli.main import run

    line = "`epochs` must be 1 or more. Received: 0"
    for words in (["--epochs", "0"], ["--set", "epochs=0"]):
        assert run(["train", "mlp", "--output", str(tmp_path / "r"), *words]) == 1
        assert capsys.readouterr().err == f"zoo: {line}\n"
    recipe = {"dataset": "iris", "epochs": 0}
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps({"name": "mlp", "overrides": {}, "recipe": recipe}))
    assert run(["train", "--recipe", str(path)]) == 1
    expected = (
        f"zoo: The recipe {path} is wrong: {line.replace('epoch', 'recipe.epoch')}"
    )
    assert capsys.readouterr().err == f"{expected}\n"


def test_a_field_is_an_option_everywhere():
    accepted = set(inspect.signature(zoo.train).parameters) - {"name", "recipe"}
    assert accepted == set(OPTIONS)
    planned = set(inspect.signature(zoo.plan).parameters)
    assert planned == {"name", "recipe", *OPTIONS} - {"output", "resume", "log_every"}
    text = pydoc.plain(pydoc.render_doc(zoo.train))
    assert all(f"        {name}: " in text for name in OPTIONS)
    assert "{options}" not in text
    command = TrainingCommand("train")
    with command.make_context("train", []) as context:
        named = {parameter.name for parameter in command.get_params(context)}
    assert named >= set(OPTIONS)
    schema = pydantic.TypeAdapter(Config).json_schema()
    described = schema["properties"] | schema["$defs"]["Recipe"]["properties"]
    for name, field in OPTIONS.items():
        assert field.description
        assert name in described or name in ("learning_rate", "accumulation", "ema")


def test_plan_refuses_what_it_does_not_take():
    with pytest.raises(ArgumentError, match="`plan` has no option `output`; leave it"):
        zoo.plan("mlp", output="r")


def test_options_of_the_command_line_and_python_are_the_same(tmp_path, monkeypatch):
    from zoo.cli.main import run

    words = ["--optimizer", "SGD", "--learning-rate", "1e-1", "--ema", "0.9"]
    words += ["--set", "optimizer.momentum=0.9", "--set", "encoding.length=8"]
    words += [
        "--set",
        "overrides.hidden_units=[8,8]",
        "--freeze",
        "a*",
        "--freeze",
        "b",
    ]
    words += ["--schedule", "none", "--class-weight", "balanced", "--deterministic"]
    words += ["--metrics", '["SparseTopKCategoricalAccuracy", {"k": 2}]']
    seen = {}
    monkeypatch.setattr(zoo, "train", lambda name, **options: seen.update(options) or 1)
    with pytest.raises(AttributeError):  # the run that this one does not return
        run(["train", "mlp", "--output", str(tmp_path / "r"), *words])
    seen.pop("recipe")
    _, config = resolve("mlp", **seen)
    _, expected = resolve(
        "mlp",
        optimizer=("SGD", {"momentum": 0.9}),
        learning_rate=0.1,
        ema=0.9,
        encoding={"length": 8},
        overrides={"hidden_units": [8, 8]},
        freeze=("a*", "b"),
        schedule=None,
        class_weight="balanced",
        deterministic=True,
        metrics=[("SparseTopKCategoricalAccuracy", {"k": 2})],
        output=tmp_path / "r",
    )
    assert config == expected
    assert config.recipe.optimizer == (
        "SGD",
        {"momentum": 0.9, "learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.9},
    )


def test_a_bare_name_has_the_defaults_of_its_class():
    _, config = resolve("mlp", optimizer="SGD")
    assert config.recipe.optimizer == ("SGD", {"learning_rate": 0.01})
    _, config = resolve("mlp", optimizer={"name": "Adam", "beta_1": 0.8})
    assert config.recipe.optimizer[1]["beta_1"] == 0.8


class Unregistered(keras.losses.Loss):
    """A loss that keeps a function, which Keras cannot serialize."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, y_true, y_pred):
        return self.function(y_true, y_pred)


def crossentropy():
    return Unregistered(
        lambda y, logits: keras.losses.sparse_categorical_crossentropy(
            y, logits, from_logits=True
        )
    )


@pytest.mark.parametrize(
    ("kind", "value", "name"),
    [
        ("optimizer", keras.optimizers.Adam(1e-3), "keras.optimizers.Adam"),
        ("loss", keras.losses.Hinge(), "keras.losses.Hinge"),
        ("metric", keras.metrics.TopKCategoricalAccuracy(3), "keras.metrics.TopK"),
        (
            "schedule",
            keras.optimizers.schedules.CosineDecay(0.1, 10),
            "keras.optimizers.schedules.CosineDecay",
        ),
    ],
)
def test_objects_become_names_and_arguments(kind, value, name):
    found, arguments = describe(kind, value)
    assert found.startswith(name)
    assert json.loads(json.dumps(arguments)) == arguments != NOT_SERIALIZED


@pytest.mark.parametrize("value", [crossentropy(), keras.losses.Huber(delta=3.0)])
def test_an_object_whose_configuration_is_not_all_of_it(value):
    # That of Huber lacks its delta: the loss that is made of it is another.
    assert describe("loss", value)[1] == NOT_SERIALIZED


@pytest.mark.slow
def test_a_run_keeps_objects_that_keras_can_serialize(tmp_path):
    options = {
        "optimizer": keras.optimizers.SGD(
            keras.optimizers.schedules.CosineDecay(0.1, 9)
        ),
        "loss": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        "metrics": [keras.metrics.SparseTopKCategoricalAccuracy(2, name="top2")],
        "schedule": None,
        "jit": "off",
    }
    whole = zoo.train("mlp", epochs=3, output=tmp_path / "whole", **options)
    zoo.train("mlp", epochs=2, output=tmp_path / "cut", **options)
    resumed = zoo.train("mlp", epochs=3, output=tmp_path / "cut", resume=True)
    assert resumed.history["val_loss"] == whole.history["val_loss"]
    assert "top2" in whole.metrics
    assert zoo.evaluate(whole) == pytest.approx(whole.metrics)
    for a, b in zip(whole.model.weights, resumed.model.weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_object_that_no_file_holds_has_to_be_given_again(tmp_path):
    options = {"epochs": 1, "output": tmp_path / "r", "jit": "off"}
    zoo.train("mlp", loss=crossentropy(), **options)
    with pytest.raises(ArgumentError, match="cannot serialize it.; give it again"):
        zoo.train("mlp", resume=True, **options)
    zoo.train("mlp", loss=crossentropy(), resume=True, **options)


@pytest.mark.slow
def test_an_array_of_weights_has_to_be_given_again(tmp_path):
    options = {"epochs": 1, "output": tmp_path / "r", "jit": "off"}
    zoo.train("mlp", sample_weight=np.ones(80), **options)
    with pytest.raises(ArgumentError, match="has to be given again at a resume"):
        zoo.train("mlp", resume=True, **options)
    with pytest.raises(RunError, match="holds a run with sample_weight"):
        zoo.train("mlp", sample_weight=np.full(80, 2.0), resume=True, **options)
    zoo.train("mlp", sample_weight=np.ones(80), resume=True, **options)


@pytest.mark.slow
def test_a_callback_that_is_not_given_again_is_named(tmp_path, capsys):
    options = {"epochs": 1, "output": tmp_path / "r", "jit": "off"}
    zoo.train("mlp", callbacks=[keras.callbacks.LambdaCallback()], **options)
    zoo.train("mlp", resume=True, **options)
    assert "had the callback keras.callbacks.LambdaCallback" in capsys.readouterr().err


@pytest.mark.slow
def test_a_resume_takes_the_options_of_the_run(tmp_path):
    output = tmp_path / "r"
    options = {"batch_size": 16, "learning_rate": 0.02, "freeze": "dense*"}
    first = zoo.train("mlp", dataset="digits", epochs=1, output=output, **options)
    again = zoo.train("mlp", output=output, resume=True, epochs=2)
    for key in ("recipe", "freeze", "dataset", "arguments"):
        held, resumed = (json.loads(json.dumps(r.config[key])) for r in (first, again))
        if key == "recipe":
            assert (held.pop("epochs"), resumed.pop("epochs")) == (1, 2)
        assert held == resumed
    with pytest.raises(RunError, match="holds a run with batch_size 16, not 8"):
        zoo.train("mlp", output=output, resume=True, batch_size=8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda held: held["recipe"].update(epochs="2"), "`recipe.epochs` is no"),
        (lambda held: held["recipe"].update(wings=2), "there is no `wings`"),
        (lambda held: held["recipe"].update(loss=["Hing", {}]), "Unknown loss 'Hing'"),
        (lambda held: held["recipe"].update(metrics=[["AU", {}]]), "`metrics`: Unkno"),
        (lambda held: held.update(jit="of"), "`jit` must be 'auto', 'on' or 'off'"),
    ],
)
def test_a_wrong_value_in_the_file_of_a_run(tmp_path, spoil, message):
    zoo.train("mlp", epochs=1, output=tmp_path, jit="off")
    path = tmp_path / "config.json"
    held = json.loads(path.read_text())
    spoil(held)
    path.write_text(json.dumps(held))
    with pytest.raises(RunError, match=r"config\.json is damaged") as caught:
        zoo.train("mlp", output=tmp_path, resume=True)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def fitted(job, **options):
    """Weights that Keras' own `fit` comes to, from those of a job."""
    model = keras.models.clone_model(job.model)
    model.set_weights(job.model.get_weights())
    model.compile(
        keras.optimizers.SGD(0.1),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(*job.data.train[:2], batch_size=80, epochs=1, verbose=0, **options)
    return model.get_weights()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "stock"),
    [
        ({"class_weight": {"setosa": 5}}, {"class_weight": {0: 5, 1: 1, 2: 1}}),
        (
            {"sample_weight": np.arange(80.0)},
            {"sample_weight": np.arange(80.0)},
        ),
    ],
)
def test_weights_are_those_of_fit(tmp_path, options, stock):
    options |= PLAIN | {"batch_size": 80, "epochs": 1}
    job = prepare("mlp", **options)
    from zoo.training.adapt import adapt

    adapt(job.model, job.data)
    run = zoo.train("mlp", output=tmp_path / "r", **options)
    for ours, theirs in zip(run.model.get_weights(), fitted(job, **stock), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_balanced_weights_make_each_class_count_as_much(digits):
    job = prepare("mlp", dataset="iris", class_weight="balanced")
    weights, y = job.data.train.sample_weight, job.data.train.y
    sums = [weights[y == k].sum() for k in range(3)]
    np.testing.assert_allclose(sums, len(y) / 3, rtol=1e-5)


def test_class_weight_needs_one_class_for_each_sample():
    with pytest.raises(ArgumentError, match="one class for each sample"):
        zoo.plan("forecaster", class_weight="balanced")


@pytest.mark.slow
def test_accumulated_gradients_are_those_of_a_larger_batch(tmp_path):
    options = PLAIN | {"epochs": 1}
    whole = zoo.train("mlp", batch_size=80, output=tmp_path / "whole", **options)
    parts = zoo.train(
        "mlp", batch_size=40, accumulation=2, output=tmp_path / "parts", **options
    )
    for a, b in zip(whole.model.get_weights(), parts.model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_a_run_too_short_for_an_update_is_refused(tmp_path):
    options = PLAIN | {"epochs": 1, "batch_size": 40, "output": tmp_path / "r"}
    with pytest.raises(ArgumentError, match="every 3 steps, but the run has 2, so"):
        zoo.train("mlp", accumulation=3, **options)
    assert not (tmp_path / "r").exists()


@pytest.mark.slow
def test_the_average_of_the_weights_is_scored_saved_and_resumed(tmp_path):
    options = PLAIN | {"batch_size": 20, "monitor": "val_loss"}
    weights = []

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            weights.append([np.array(w) for w in self.model.trainable_weights])

    run = zoo.train(
        "mlp",
        epochs=1,
        ema=0.5,
        log_every=1,
        callbacks=[Look()],
        output=tmp_path / "r",
        **options,
    )
    average = weights[0]
    for step in weights[1:]:
        average = [0.5 * a + 0.5 * w for a, w in zip(average, step, strict=True)]
    for ours, expected in zip(run.model.trainable_weights, average, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-5)
    assert not np.allclose(run.model.trainable_weights[0], weights[-1][0], atol=1e-4)
    saved = keras.saving.load_model(tmp_path / "r/model.keras")
    x, y = zoo.load_dataset("iris").validation
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    assert float(loss(y, saved(x))) == pytest.approx(
        run.history["val_loss"][0], rel=1e-4
    )
    whole = zoo.train("mlp", epochs=3, ema=0.5, output=tmp_path / "whole", **options)
    resumed = zoo.train("mlp", epochs=3, output=tmp_path / "r", resume=True)
    assert resumed.history["val_loss"] == whole.history["val_loss"]


@pytest.mark.slow
def test_augmentation_changes_training_and_not_the_model(tmp_path, digits):
    options = {"dataset": digits, "epochs": 2, "jit": "off", "schedule": None}
    layers = ["RandomFlip", ("RandomZoom", {"height_factor": 0.2})]
    plain = zoo.train("mlp", output=tmp_path / "plain", **options)
    whole = zoo.train("mlp", augmentation=layers, output=tmp_path / "whole", **options)
    names = [[type(layer) for layer in run.model.layers] for run in (plain, whole)]
    assert names[0] == names[1]
    assert plain.history["loss"] != whole.history["loss"]
    zoo.train(
        "mlp", augmentation=layers, output=tmp_path / "cut", **options | {"epochs": 1}
    )
    resumed = zoo.train(
        "mlp", dataset=digits, epochs=2, output=tmp_path / "cut", resume=True
    )
    assert resumed.history["loss"] == whole.history["loss"]


def test_data_dir_is_where_files_lie(tmp_path):
    lines = "\n".join(f"{c}\t{w} {w}" for c, w in [("a", "one"), ("b", "two")] * 30)
    (tmp_path / "mine.tsv").write_text(lines)
    _, config = resolve("text_cnn", dataset="mine", data_dir=tmp_path)
    assert config.data_dir == str(tmp_path)
    job = prepare("text_cnn", dataset="mine", data_dir=tmp_path)
    assert job.data.labels == ("a", "b")


def test_a_recipe_is_a_frozen_value():
    recipe = Recipe(dataset="iris")
    assert recipe == Recipe(dataset="iris", epochs=20)
    with pytest.raises(ArgumentError, match="there is no `epoch`. Did you mean epochs"):
        Recipe(dataset="iris", epoch=3)
    assert set(fields_of(Recipe)) <= set(OPTIONS)
    config = configure("mlp", recipe, {"output": "r"})
    assert config.output == Path("r")
