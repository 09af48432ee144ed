import dataclasses

import keras
import pytest

import zoo
from zoo import registry
from zoo.arguments import build, check_arguments
from zoo.errors import ArgumentError, UnknownNameError
from zoo.registry import Recipe


def test_lists_in_natural_order():
    assert zoo.list_models("resnet*")[:3] == [
        "resnet8",
        "resnet8.cifar10",
        "resnet8.digits",
    ]
    assert zoo.list_models("resnet*")[3] == "resnet20"


def test_filters_combine():
    assert zoo.list_models("lenet*", family="cnn", task="classification") == [
        "lenet5",
        "lenet5.digits",
        "lenet5.mnist",
        "lenet5_augmented",
        "lenet5_augmented.mnist",
    ]
    assert zoo.list_models(family="lenet") == zoo.list_models(family="cnn/lenet")
    assert zoo.list_models("mlp*", family="mlp")[:3] == [
        "mlp",
        "mlp.circles",
        "mlp.diabetes",
    ]
    assert zoo.list_models("no*") == zoo.list_models(task="alchemy") == []


def test_unknown_name_tells_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean lenet5"):
        zoo.model_spec("lenet")
    with pytest.raises(
        UnknownNameError, match=r"Nearest: [\w.]+(, [\w.]+){2}\. `zoo list`"
    ):
        zoo.create_model("zzz")


def test_unknown_argument_tells_the_accepted():
    with pytest.raises(ArgumentError, match="takes no argument depth.*num_classes"):
        zoo.create_model("lenet5", depth=3)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"units": 5}, "Model 'lenet5': `units` must be a list. Received: 5"),
        ({"units": (5,)}, "`units` has too few values. Received: .5,."),
        ({"units": (5, 2.5)}, "`units.1` must be a whole number. Received: 2.5"),
        ({"units": (5, 2, 5)}, "`units` must be a list of 2"),
        ({"kernel_size": True}, "`kernel_size` must be a whole number. Received: True"),
        ({"dropout": "much"}, "`dropout` must be a number. Received: 'much'"),
        ({"activation": 3}, "`activation` must be a name"),
        (
            {"units": (5, 0)},
            "cannot be built with units=.*: `units` must be a positive",
        ),
        ({"activation": "foo"}, "cannot be built with activation='foo': Could not"),
        ({"input_shape": ()}, "takes images"),
        ({"input_shape": "8x8"}, "cannot be built with input_shape"),
        ({"input_shape": 8}, "cannot be built with input_shape=8"),
    ],
)
def test_values_that_no_model_takes(overrides, message):
    with pytest.raises(ArgumentError, match=message) as caught:
        zoo.create_model("lenet5", **overrides)
    assert "\n" not in str(caught.value)


def test_a_builder_without_types_takes_any_value():
    def plain(units, scale: float | None = None):
        raise NotImplementedError

    check_arguments("plain", plain, {"units": "many", "scale": None})
    with pytest.raises(ArgumentError, match="'plain': `scale` must be a number"):
        check_arguments("plain", plain, {"scale": "big"})


def test_an_error_of_a_builder_without_arguments_is_its_own():
    def broken(units: int = 3) -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="^broken$"):
        build("broken", broken, {"units": 3}, {})


def test_spec_is_frozen_and_complete():
    spec = zoo.model_spec("lenet5.mnist")
    assert (spec.family, spec.task, spec.input) == (
        "cnn/lenet",
        "classification",
        "image",
    )
    assert "LeCun" in spec.paper
    assert spec.summary.startswith("Builds LeNet-5")
    assert spec.parameters == {
        "input_shape": (28, 28, 1),
        "num_classes": 10,
        "filters": (6, 16),
        "kernel_size": 5,
        "units": (120, 84),
        "activation": "tanh",
        "shift": 0.0,
        "rotation": 0.0,
        "zoom": 0.0,
        "noise": 0.0,
        "dropout": 0.2,
    }
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.name = "other"


def test_a_name_is_registered_once():
    with pytest.raises(ArgumentError, match="twice .zoo.models.mlp and tests"):
        registry.register("mlp", recipe=Recipe(dataset="iris"))(lambda: None)


@pytest.mark.parametrize(
    ("name", "recipe", "message"),
    [
        ("", Recipe(dataset="iris"), "'' cannot be the name of a model"),
        (
            "big wren",
            Recipe(dataset="iris"),
            "'big wren' cannot be the name",
        ),
        (3, Recipe(dataset="iris"), "name of a model must be text. Received: 3"),
        ("birds/wren", Recipe(dataset="iris"), "'birds/wren' cannot be the name"),
        ("wren", "iris", "`recipe` must be a zoo.Recipe. Received: 'iris'"),
    ],
)
def test_a_registration_of_what_would_break_the_list(name, recipe, message):
    with pytest.raises(ArgumentError, match=message):
        registry.register(name, recipe=recipe)(lambda: None)
    assert name not in zoo.list_models()


def test_a_builder_can_do_without_arguments():
    with pytest.raises(ArgumentError, match="argument 'units' .* has no default"):
        registry.register("wren", recipe=Recipe(dataset="iris"))(lambda units: None)
    with pytest.raises(ArgumentError, match="returned NoneType; it must return a kera"):
        build("wren", lambda: None, {}, {})


def test_a_registration_is_checked_against_the_builder():
    with pytest.raises(ArgumentError, match="takes no argument wings"):
        registry.register("bird", recipe=Recipe(dataset="iris"), wings=2)(lambda: None)
    assert "bird" not in zoo.list_models()


@pytest.mark.parametrize("size", [(4, 4, 1), (8, 8, 1), (28, 28, 3), (32, 32, 1)])
def test_lenet_takes_its_input_size(size):
    model = zoo.create_model("lenet5", input_shape=size, num_classes=7)
    assert model(keras.ops.zeros((2, *size))).shape == (2, 7)


def test_lenet_on_32_pixels_has_the_maps_of_the_paper():
    model = zoo.create_model("lenet5", input_shape=(32, 32, 1))
    shapes = {layer.name: tuple(layer.output.shape[1:]) for layer in model.layers}
    assert shapes["C1"] == (28, 28, 6)
    assert shapes["S2"] == (14, 14, 6)
    assert shapes["C3"] == (10, 10, 16)
    assert shapes["S4"] == (5, 5, 16)
    assert shapes["C5"] == (120,)
    assert shapes["F6"] == (84,)
    smaller = zoo.create_model("lenet5", input_shape=(28, 28, 1))
    assert smaller.get_layer("S4").output.shape == (None, 5, 5, 16)


@pytest.mark.parametrize("size", [(3, 8, 1), (8, 8), (64,)])
def test_lenet_refuses_what_is_no_image(size):
    with pytest.raises(ArgumentError, match="takes images"):
        zoo.create_model("lenet5", input_shape=size)
