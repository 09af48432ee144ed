"""Which rows of a component `make test` compiles and exports; the others are slow."""

from collections import defaultdict

import keras
import pytest

import custom_layers as cl

from .table import LayerRow

# They change weights, losses and draws, but not the graph of a call.
BESIDE_THE_GRAPH = ("_initializer", "_regularizer", "_constraint", "seed")


def representatives(rows):
    """Of each component the fewest rows that have every option of its graphs.

    The row with most options that no row before it has comes next.
    """
    groups, chosen = defaultdict(list), []
    for row in rows:
        # The name stands for what the component computes without any option.
        options = graph_options(row) | {row.component.__name__}
        groups[row.component].append((options, row))
    for group in groups.values():
        missing = set().union(*(options for options, _ in group))
        while missing:
            options, row = max(group, key=lambda pair: len(pair[0] & missing))
            chosen.append(row)
            missing -= options
    return chosen


def first_rows(rows):
    """Rows with a namesake as parameters; slow after the first of a component."""
    seen, parameters = set(), []
    for row in rows:
        if row.peer is not None:
            marks = [pytest.mark.slow] if row.component in seen else []
            seen.add(row.component)
            parameters.append(pytest.param(row, id=row.title, marks=marks))
    return parameters


def graph_options(row):
    """Options and arguments of the call with what of their values changes the graph."""
    options = row.kwargs(cl.layers) if callable(row.kwargs) else row.kwargs
    call = row.call_arguments() if isinstance(row, LayerRow) else {}
    return {
        (name, _value(value))
        for name, value in (options | call).items()
        if not name.endswith(BESIDE_THE_GRAPH)
    }


def _value(value):
    """The value of a switch or a name, the kind of a layer, nothing of a number."""
    if isinstance(value, list):
        return tuple(map(_value, value))
    if isinstance(value, keras.layers.Layer):
        return type(value).__name__
    return value if isinstance(value, bool | str | None) else ""
