"""Every check of `checks` over every row of the table."""

import inspect

import keras
import pytest

import custom_layers as cl

from . import rows
from .backends import BACKEND, IS_COMPILED
from .checks import (
    common,
    export,
    functions,
    layers,
    losses,
    metrics,
    optimizers,
    schedules,
)
from .representatives import graph_options, representatives
from .table import LayerRow

pytestmark = pytest.mark.independent

_COMMON = ("registered", "documented")
SUITE = [
    (rows.LAYERS, common, (*_COMMON, "config_round_trip")),
    (
        rows.LAYERS,
        layers,
        (
            "arguments",
            "oracle",
            "gradient",
            "namesake",
            "initial_weights",
            "namesake_gradient",
            "shapes",
            "integer_inputs",
            "config",
            "mixed_precision",
            "forms",
            "no_retracing",
        ),
    ),
    (rows.LAYERS, export, ("export",)),
    (rows.LOSSES, common, (*_COMMON, "config_round_trip")),
    (
        rows.LOSSES,
        losses,
        (
            "arguments",
            "oracle",
            "gradient",
            "namesake",
            "ranks",
            "config",
            "mixed_precision",
            "forms",
            "extremes",
        ),
    ),
    (rows.OPTIMIZERS, common, ("signature", *_COMMON, "config_round_trip")),
    (
        rows.OPTIMIZERS,
        optimizers,
        (
            "oracle",
            "namesake",
            "config",
            "resuming",
            "training",
            "low_precision",
            "embedding_gradient",
            "embedding_training",
            "kernels",
        ),
    ),
    (rows.METRICS, common, (*_COMMON, "config_round_trip")),
    (rows.METRICS, metrics, ("metric_oracle", "metric_in_evaluate")),
    (rows.SCHEDULES, common, (*_COMMON, "config_round_trip")),
    (
        rows.SCHEDULES,
        schedules,
        ("schedule_oracle", "schedule_config", "schedule_forms"),
    ),
    (rows.ACTIVATIONS, common, ("signature", *_COMMON)),
    (
        rows.ACTIVATIONS,
        functions,
        (
            "activation_oracle",
            "activation_gradient",
            "activation_namesake",
            "activation_extremes",
            "activation_dtypes",
            "activation_forms",
            "activation_name",
        ),
    ),
    (rows.ACTIVATIONS, export, ("activation_export",)),
    (
        rows.INITIALIZERS,
        common,
        ("signature", *_COMMON, "config_round_trip"),
    ),
    (
        rows.INITIALIZERS,
        functions,
        (
            "initializer_oracle",
            "initializer_namesake",
            "initializer_seed",
            "initializer_config",
        ),
    ),
    (rows.REGULARIZERS, common, ("signature", *_COMMON, "config_round_trip")),
    (
        rows.REGULARIZERS,
        functions,
        ("regularizer_oracle", "regularizer_gradient", "regularizer_namesake"),
    ),
    (rows.FUNCTIONS, common, ("documented",)),
    (
        rows.FUNCTIONS,
        functions,
        (
            "function_oracle",
            "function_gradient",
            "function_namesake",
            "function_forms",
            "function_low_precision",
        ),
    ),
]
# Slow for all rows of a component but a few that have every option of its graphs.
OF_THE_GRAPH = {
    "gradient",
    "namesake_gradient",
    "integer_inputs",
    "config",
    "mixed_precision",
    "forms",
    "activation_forms",
    "function_forms",
    "schedule_forms",
}
# Slow for all rows of a component but the one with most options.
OF_THE_COMPONENT = {
    "initial_weights",
    "no_retracing",
    "export",
    "low_precision",
    "training",
    "embedding_gradient",
    "activation_export",
}
# Slow for all but one: others check the same with less.
OF_THE_SUITE = {"embedding_training"}
# No row says anything new after the first one of its component.
OF_THE_NAME = {"arguments", "signature", "registered", "documented"}
TENSORFLOW_ONLY = {
    "no_retracing",
    "embedding_gradient",
    "kernels",
    "export",
    "activation_export",
}
# They compare with compiled forms.
OF_FORMS = {"forms", "activation_forms", "function_forms", "schedule_forms"}
LEFT_OUT = (TENSORFLOW_ONLY if BACKEND != "tensorflow" else set()) | (
    set() if IS_COMPILED else OF_FORMS
)
# About the equality with a namesake, where Keras has one.
OF_A_NAMESAKE = {
    "arguments",
    "signature",
    "namesake",
    "initial_weights",
    "namesake_gradient",
    "integer_inputs",
    "ranks",
    "low_precision",
    "embedding_gradient",
    "embedding_training",
    "activation_namesake",
    "initializer_namesake",
    "regularizer_namesake",
    "function_namesake",
}


_OF_A_RULE = {"oracle", "embedding_gradient", "embedding_training"}


def differs(row, name):
    """The backends on which Keras' own layer does something else, or fails."""
    is_compared = name in OF_A_NAMESAKE
    return getattr(row, "peer_differs", ()) if is_compared else ()


def _cases():
    for table, module, names in SUITE:
        for name in names:
            if name in LEFT_OUT:
                continue
            applicable = [row for row in table if _applies(name, row)]
            if name in OF_THE_NAME:
                applicable = _first_of_each(applicable)
            quick = set(map(id, _quick(name, applicable)))
            check = getattr(module, f"check_{name}")
            for row in applicable:
                marks = [] if id(row) in quick else [pytest.mark.slow]
                yield pytest.param(check, row, id=f"{row.title}-{name}", marks=marks)


def _applies(name, row):
    # A rule with options of the base class alone has no oracle here, and Keras' loss
    # scaling takes no embedding's gradient.
    if row.oracle is None and name in _OF_A_RULE:
        return False
    if row.peer is None and name in OF_A_NAMESAKE:
        return False
    return BACKEND not in differs(row, name)


def _quick(name, rows):
    if name in OF_THE_GRAPH:
        return representatives(rows)
    if name in OF_THE_COMPONENT:
        return _first_of_each(representatives(rows))
    return representatives(rows)[:1] if name in OF_THE_SUITE else rows


def _first_of_each(rows):
    """The first row of each component."""
    firsts = {}
    for row in rows:
        firsts.setdefault((row.component, row.peer), row)
    return list(firsts.values())


@pytest.mark.parametrize(("check", "row"), list(_cases()))
def test_component(check, row):
    check(row)


def test_every_check_is_in_the_suite():
    listed = {
        getattr(module, f"check_{name}") for _, module, names in SUITE for name in names
    }
    for module in {module for _, module, _ in SUITE}:
        for name, check in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("check_") and name != "check_config_keys":
                assert check in listed, f"{name} is never called"


def test_every_option_of_a_graph_is_compiled_by_a_quick_row():
    for table, *_ in SUITE:
        quick = representatives(table)
        assert {row.component for row in quick} == {row.component for row in table}
        for row in table:
            same = [graph_options(r) for r in quick if r.component is row.component]
            assert graph_options(row) <= set().union(*same), row.title


def test_penalties_are_not_compiled_again():
    relu = {"units": 4, "activation": "relu"}
    options = relu, relu | {"units": 5, "kernel_regularizer": "l2"}, {"use_bias": False}
    rows_ = [LayerRow(cl.Dense, kwargs=kwargs) for kwargs in options]
    assert representatives(rows_) == [rows_[0], rows_[2]]


def test_every_registered_name_has_a_row():
    registered = {
        thing
        for name, thing in keras.saving.get_custom_objects().items()
        if name.startswith("custom_layers>")
    }
    listed = {row.component for row in rows.ALL}
    listed |= {row.function for row in rows.LOSSES}
    nameless = {thing.__name__ for thing in registered - listed}
    assert not nameless, f"no row for {nameless}: add one to tests/custom_layers/rows/"


def test_every_public_name_has_a_row():
    listed = {row.component for row in rows.ALL} | {row.function for row in rows.LOSSES}
    for module in (
        cl.layers,
        cl.losses,
        cl.metrics,
        cl.optimizers,
        cl.optimizers.schedules,
        cl.activations,
        cl.initializers,
        cl.regularizers,
    ):
        for name in set(module.__all__) - {"get", "serialize", "deserialize"}:
            assert getattr(module, name) in listed, (
                f"no row for {name}: add one to tests/custom_layers/rows/"
            )


def test_every_layer_is_importable_from_the_package():
    modules = {"activations", "initializers", "layers", "losses", "optimizers"}
    modules |= {"callbacks", "metrics", "regularizers"}
    assert set(cl.__all__) == modules | {"convert"} | set(cl.layers.__all__)
    for name in cl.layers.__all__:
        assert getattr(cl, name) is getattr(cl.layers, name), name


def test_an_optimizer_has_a_row_with_oracle():
    proven = {row.component for row in rows.ALL if row.oracle is not None}
    assert proven == {row.component for row in rows.ALL}


def test_what_keras_has_too_is_compared_with_it():
    peers = {(row.component, row.peer) for row in rows.ALL}
    for ours, theirs in (
        (cl.layers, keras.layers),
        (cl.losses, keras.losses),
        (cl.optimizers, keras.optimizers),
        (cl.initializers, keras.initializers),
        (cl.regularizers, keras.regularizers),
    ):
        for name in ours.__all__:
            component = getattr(ours, name)
            if hasattr(theirs, name) and isinstance(component, type):
                assert (component, getattr(theirs, name)) in peers, name


def test_aliases():
    assert cl.MaxPool2D is cl.MaxPooling2D
    assert cl.AvgPool2D is cl.AveragePooling2D
