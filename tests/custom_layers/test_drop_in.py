"""Configurations and public attributes are the namesake's."""

import inspect

import keras
import numpy as np
import pytest

import custom_layers as cl

from . import rows
from .backends import BACKEND, numbers
from .checks.common import equal, plain, same
from .table import LayerRow

NAMESAKES = [
    row for row in rows.ALL if row.peer is not None and inspect.isclass(row.component)
]
each_namesake = pytest.mark.parametrize("row", NAMESAKES, ids=lambda row: row.title)
# Of quantization and LoRA, which ours have not.
OUT_OF_SCOPE = {
    "lora_alpha",
    "lora_enabled",
    "lora_rank",
    "quantization_config",
    "quantization_mode",
    "variable_serialization_spec",
    # Ours compile where some of Keras' do not.
    "supports_jit",
}
# Keras rewrites these arguments in `build`; here they stay as given.
REWRITTEN = {"axis", "attention_axes"}


def _own_config(thing):
    """What the configuration says, but for the classes and what is out of scope."""
    config = plain(thing.get_config())
    return {k: v for k, v in _unnamed(config).items() if k not in OUT_OF_SCOPE}


def _unnamed(config):
    """Without names, and without the modules and classes that an object is of."""
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy":
            return config["config"]["name"]
        left = ("name", "module", "registered_name", "build_config", "shared_object_id")
        return {k: _unnamed(v) for k, v in config.items() if k not in left}
    if isinstance(config, list):
        return [_unnamed(part) for part in config]
    if isinstance(config, float):
        return float(np.float32(config))  # as Keras keeps some
    return config


@each_namesake
@pytest.mark.parametrize("to_ours", [True, False], ids=["to_ours", "to_keras"])
def test_configurations_are_exchanged(row, to_ours):
    source = row.make_peer() if to_ours else row.make()
    target = row.component if to_ours else row.peer
    made = target.from_config(source.get_config())
    # On Torch, Keras makes another form of its optimizers.
    assert type(made) is target or (BACKEND == "torch" and isinstance(made, target))
    got, expected = _own_config(made), _own_config(source)
    if not to_ours:
        expected = {k: v for k, v in expected.items() if k not in _forgotten(row)}
    equal({k: got.get(k) for k in expected}, expected, "config")


def _forgotten(row):
    return getattr(row, "peer_forgets", frozenset())


@pytest.mark.parametrize(
    "row", [row for row in NAMESAKES if _forgotten(row)], ids=lambda row: row.title
)
def test_namesakes_take_what_their_configurations_forget(row):
    ours = row.make()
    theirs = row.peer.from_config(ours.get_config())
    arguments = row.targets, row.predictions
    np.testing.assert_allclose(numbers(theirs(*arguments)), numbers(ours(*arguments)))


def test_early_stopping_has_no_configuration():
    assert not hasattr(keras.callbacks.EarlyStopping, "get_config")


@pytest.mark.parametrize(
    ("layer", "argument"),
    [
        (cl.Dense, {"units": 3, "lora_rank": 4}),
        (cl.Dense, {"units": 3, "quantization_config": {"class_name": "Int8"}}),
        (cl.Conv2D, {"filters": 3, "kernel_size": 2, "lora_rank": 4}),
        (cl.Embedding, {"input_dim": 3, "output_dim": 2, "lora_alpha": 4}),
    ],
)
def test_quantization_and_lora_are_refused(layer, argument):
    name = [*argument][-1]
    with pytest.raises(
        ValueError, match=f"^`{layer.__name__}` supports neither .*"
    ) as e:
        layer.from_config(argument)
    assert f"Received: {name}={argument[name]}" in str(e.value)
    assert "\n" not in str(e.value)


def test_clone_model_there_and_back():
    model = keras.Sequential(
        [
            keras.Input((5,)),
            keras.layers.Embedding(7, 4),
            keras.layers.LSTM(3, return_sequences=True),
            keras.layers.Dense(2, "softmax", kernel_regularizer="l2"),
        ]
    )

    def to(namespace):
        def convert(layer):
            cls = getattr(namespace, type(layer).__name__)
            return cls.from_config(layer.get_config())

        return convert

    x = np.array([[1, 2, 0, 6, 5]])
    ours = keras.models.clone_model(model, clone_function=to(cl.layers))
    ours.set_weights(model.get_weights())
    assert [type(layer) for layer in ours.layers] == [cl.Embedding, cl.LSTM, cl.Dense]
    same(numbers(ours(x)), numbers(model(x)))
    back = keras.models.clone_model(ours, clone_function=to(keras.layers))
    back.set_weights(model.get_weights())
    assert type(back.layers[1]) is keras.layers.LSTM
    np.testing.assert_array_equal(numbers(back(x)), numbers(model(x)))


def _attributes(thing):
    """The public attributes and properties of an object that can be read."""
    names = {
        name
        for name in dir(type(thing))
        if isinstance(inspect.getattr_static(type(thing), name), property)
    }
    for name in sorted(names | vars(thing).keys()):
        if name.startswith("_") or name in OUT_OF_SCOPE:
            continue
        try:
            yield name, getattr(thing, name)
        except Exception:  # before `build`, say
            continue


def check_attributes(ours, theirs, but=frozenset()):
    for name, expected in _attributes(theirs):
        if name in but:
            continue
        assert hasattr(ours, name), f"{type(ours).__name__} has no {name}"
        value = getattr(ours, name)
        if inspect.isfunction(expected) and expected.__module__.startswith("keras"):
            expected, value = expected.__name__, value.__name__
        if isinstance(expected, bool | int | str | tuple | list | None):
            if name not in ("name", "path") and _is_plain(expected):
                equal(_listed(value), _listed(expected), name)
        elif isinstance(expected, float):
            same(value, expected, name)


def _is_plain(value):
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, bool | int | float | str | None)


def _listed(value):
    return list(value) if isinstance(value, tuple | list) else value


@each_namesake
def test_public_attributes(row):
    keras.utils.set_random_seed(1)
    ours = row.make()
    keras.utils.set_random_seed(1)
    check_attributes(ours, row.make_peer())
    if isinstance(row, LayerRow):
        check_attributes(row.built(), row.built(row.peer), REWRITTEN)


def test_public_attributes_of_early_stopping():
    check_attributes(cl.callbacks.EarlyStopping(), keras.callbacks.EarlyStopping())


def test_an_attribute_that_is_set_takes_effect():
    loss = cl.losses.Hinge()
    loss.fn = cl.losses.squared_hinge
    assert float(loss([[1.0]], [[-1.0]])) == 4.0
    initializer = cl.initializers.GlorotUniform(seed=1)
    first = numbers(initializer((50, 60)))
    initializer.scale = 4.0
    np.testing.assert_allclose(numbers(initializer((50, 60))), 2 * first, rtol=1e-5)
    layer = cl.MaxPooling2D(2)
    layer.pool_mode = "average"
    x = np.arange(4.0).reshape(1, 2, 2, 1)
    assert float(layer(x)[0, 0, 0, 0]) == 1.5
