"""Which rows of a component `make test` compiles and exports; the others are slow."""

from collections import defaultdict

import keras

import custom_layers as cl

# They change weights, losses and draws, but not the graph of a call.
_BESIDE_THE_GRAPH = ("_initializer", "_regularizer", "_constraint", "seed")


def representatives(rows):
    """Of each component the fewest rows with every option that changes its graph.

    The row with most options that no row before it has comes next.
    """
    groups, chosen = defaultdict(list), []
    for row in rows:
        groups[row.component].append((graph_options(row), row))
    for group in groups.values():
        missing = set().union(*(options for options, _ in group))
        while True:
            options, row = max(group, key=lambda pair: len(pair[0] & missing))
            chosen.append(row)
            missing -= options
            if not missing:
                break
    return chosen


def graph_options(row):
    """Options and arguments of the call; of switches and words, with their value."""
    kwargs = row.kwargs(cl.layers) if callable(row.kwargs) else row.kwargs
    call = row.call_arguments() if hasattr(row, "call_arguments") else {}
    return {
        (name, _value(value))
        for name, value in [*kwargs.items(), *call.items()]
        if not name.endswith(_BESIDE_THE_GRAPH)
    }


def _value(value):
    """What of an option's value makes another graph; of a size, nothing."""
    if isinstance(value, keras.layers.Layer):
        return type(value).__name__
    if isinstance(value, list):
        return tuple(map(_value, value))
    return value if isinstance(value, bool | str | None) else ""
