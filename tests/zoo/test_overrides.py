"""What a user's subclasses override takes effect in a training, or is refused."""

import keras
import numpy as np
import pytest

import zoo
from zoo.errors import ArgumentError, RunError

# 80 samples: five steps in each epoch.
QUICK = {"dataset": "iris", "epochs": 2, "batch_size": 16}
QUICK |= {"jit": "off", "schedule": None}
on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="`fit` on JAX calls others"
)


def mine(kind=keras.Model, **compiled):
    keras.utils.set_random_seed(0)
    x = keras.Input((4,))
    hidden = keras.layers.Dense(8, activation="tanh")(x)
    model = kind(x, keras.layers.Dense(3)(hidden), name="mine")
    if compiled:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        given = {"optimizer": keras.optimizers.SGD(0.1), "loss": loss} | compiled
        model.compile(**given)
    return model


class Still(keras.optimizers.SGD):
    """Makes no step, by the method that `fit` calls."""

    def apply_gradients(self, grads_and_vars):
        return super().apply_gradients([(0 * g, v) for g, v in grads_and_vars])


@on_tensorflow
def test_an_optimizer_is_called_as_in_fit(tmp_path):
    model = mine(optimizer=Still(0.1))
    before = model.get_weights()
    zoo.train(model, output=tmp_path / "r", **QUICK)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


class Double(keras.Model):
    """Overrides the loss with the signature of Keras before 3.3."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
        return 2 * super().compute_loss(x, y, y_pred, sample_weight)


@pytest.mark.slow
def test_a_loss_without_the_argument_training(tmp_path):
    single = zoo.train(mine(), output=tmp_path / "one", **QUICK | {"epochs": 1})
    double = zoo.train(mine(Double), output=tmp_path / "two", **QUICK | {"epochs": 1})
    assert double.history["val_loss"][0] < 2 * single.history["val_loss"][0]
    assert double.history["loss"][0] > 1.5 * single.history["loss"][0]


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("train_step", "train it with model.fit"),
        ("test_step", "train it with model.fit"),
        ("make_train_function", "train it with model.fit"),
        ("make_test_function", "train it with model.fit"),
        ("predict_step", "move what it does into `call`"),
        ("make_predict_function", "move what it does into `call`"),
    ],
)
@pytest.mark.parametrize("of_object", [False, True])
def test_a_step_that_would_not_be_called_is_refused(tmp_path, name, remedy, of_object):
    def step(*arguments, **options):
        raise AssertionError

    if of_object:
        model = mine()
        setattr(model, name, step)
    else:
        model = mine(type("Own", (keras.Model,), {name: step}))
    with pytest.raises(ArgumentError, match=f"a {name} of its own, .*{remedy}"):
        zoo.train(model, output=tmp_path / "r", **QUICK)
    assert not (tmp_path / "r").exists()


class Batches(keras.Metric):
    """Counts batches; is not registered."""

    def __init__(self, **options):
        super().__init__(**options)
        self.count = self.add_weight(initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.count.assign_add(1)

    def result(self):
        return self.count


class Forever(Batches):
    """Is never reset."""

    def reset_state(self):
        pass


def distance(y_true, y_pred):
    return keras.ops.mean(keras.ops.abs(y_pred), axis=-1)


@pytest.mark.slow
@pytest.mark.parametrize("by_output", [False, True])
def test_compiled_metrics_of_any_kind(tmp_path, by_output):
    def metrics():
        held = [Batches(name="batches"), distance, "accuracy"]
        return {"dense_1": held} if by_output else held

    keras.utils.clear_session()
    run = zoo.train(mine(metrics=metrics()), output=tmp_path / "r", **QUICK)
    assert run.history["batches"] == [5, 5]
    assert run.history["val_batches"] == [1, 1]
    assert len(run.history["distance"]) == len(run.history["val_accuracy"]) == 2


@pytest.mark.slow
def test_a_metric_that_is_never_reset(tmp_path):
    model = mine(weighted_metrics=[Forever(name="all")])
    run = zoo.train(model, output=tmp_path / "r", **QUICK)
    seen = [run.history["all"][0], run.history["val_all"][0], run.history["all"][1]]
    assert seen == [seen[0], seen[0] + 1, seen[0] + 6]


class Unweighted(Batches):
    """Keras, too, calls no such method: it passes sample weights, or None."""

    def update_state(self, y_true, y_pred):
        super().update_state(y_true, y_pred)


class OfClasses(Batches):
    def result(self):
        return keras.ops.ones(3)


def unreduced():
    return keras.losses.SparseCategoricalCrossentropy(True, reduction="none")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"metrics": [OfClasses(name="each")]}, "each cannot .*it is of shape .3,. .a"),
        ({"metrics": [Unweighted(name="bare")]}, "bare cannot .*'sample_weight'"),
        ({"loss": unreduced()}, "loss of .*it is of shape .8,. .a loss of reduction"),
    ],
)
def test_what_gives_no_number_of_a_batch(tmp_path, given, message):
    with pytest.raises(ArgumentError, match=message):
        zoo.train(mine(), output=tmp_path / "r", **QUICK, **given)
    assert not (tmp_path / "r").exists()


def test_a_model_that_is_compiled_without_a_loss(tmp_path, capsys):
    model = mine(loss=None)
    zoo.train(model, output=tmp_path / "r", **QUICK)
    assert "'mine' was compiled without a loss: it is" in capsys.readouterr().err


def test_what_is_no_metric(tmp_path):
    with pytest.raises(ArgumentError, match="`metrics`: nonsense is not a metric"):
        zoo.train(mine(metrics=["nonsense"]), output=tmp_path / "r", **QUICK)


class Schedule(keras.callbacks.Callback):
    """Sets the learning rate before each step, by the number of its calls."""

    def __init__(self):
        super().__init__()
        self.calls = 0

    def on_train_batch_begin(self, batch, logs=None):
        self.calls += 1
        self.model.optimizer.learning_rate = 0.1 / self.calls


@pytest.mark.slow
def test_a_callback_that_counts_steps_is_called_at_each(tmp_path, capsys):
    schedule = Schedule()
    run = zoo.train(
        mine(optimizer=keras.optimizers.SGD(0.1)),
        output=tmp_path / "r",
        callbacks=[schedule],
        **QUICK,
    )
    assert schedule.calls == 10
    assert float(run.model.optimizer.learning_rate) == pytest.approx(0.01)
    assert "Schedule has batch methods, which are called at each" in (
        capsys.readouterr().err
    )


def recompile(model):
    model.compile("adam", "mse")


def freeze(model):
    model.layers[1].trainable = False


@pytest.mark.parametrize("change", [recompile, freeze])
@pytest.mark.parametrize(
    "hook",
    [
        "on_epoch_begin",
        pytest.param("on_train_batch_end", marks=pytest.mark.slow),
        pytest.param("on_epoch_end", marks=pytest.mark.slow),
    ],
)
def test_a_change_that_the_compiled_steps_would_not_see(tmp_path, change, hook):
    folder, model = tmp_path / "r", mine()
    look = keras.callbacks.LambdaCallback(**{hook: lambda *_, **__: change(model)})
    with pytest.raises(RunError, match="compiled the model anew, or changed which"):
        zoo.train(model, output=folder, callbacks=[look], **QUICK)
    assert not (folder / "model.keras").exists()
    run = zoo.train(mine(), output=folder, resume=True, **QUICK)
    assert len(run.history["loss"]) == 2


class Fails(keras.callbacks.Callback):
    """Raises in an epoch, and again in `on_train_end`."""

    ended = False

    def on_epoch_end(self, epoch, logs=None):
        raise LookupError("in an epoch")

    def on_train_end(self, logs=None):
        self.ended = True
        raise KeyError("in the end")


def test_a_callback_that_raises_is_told_of_no_end(tmp_path):
    fails = Fails()
    with pytest.raises(LookupError, match="in an epoch"):
        zoo.train(mine(), output=tmp_path / "r", callbacks=[fails], **QUICK)
    assert not fails.ended
    run = zoo.train(mine(), output=tmp_path / "r", resume=True, **QUICK)
    assert len(run.history["loss"]) == 2
