"""The search space of a model: from its builder's arguments and its recipe.

An argument of a builder is searched if its name and its type say what it may be.
A new model so needs nothing here, but names that others use, too.
"""

import dataclasses
import typing
from collections.abc import Callable, Collection
from typing import Any, Literal, NamedTuple

from zoo.registry import Config, ModelSpec, Recipe
from zoo.tuning.dimensions import Choice, Dimension, Number, Widths

ACTIVATIONS = "relu", "tanh", "elu", "gelu", "silu"
BATCH_SIZES = 16, 32, 64, 128
KERNELS = 3, 5, 7
# Each optimizer with its further arguments, but for the recipe's own, which has its.
OPTIMIZERS: dict[str, Config] = {
    "Adam": {},
    "AdamW": {},
    "RMSprop": {},
    "SGD": {"momentum": 0.9, "nesterov": True},
}
RATES = 1e-4, 1e-1


class Rule(NamedTuple):
    """What an argument may be whose name has one of the words.

    Args:
        words: Parts of a name, between underscores; any name without them.
        kind: Type of the argument.
        dimension: Makes the dimension around the value that the model has now.
    """

    words: frozenset[str]
    kind: type
    dimension: Callable[[Any], Dimension]


def _choice(*values: Any) -> Callable[[Any], Dimension]:
    return lambda now: Choice(tuple(dict.fromkeys((*values, now))))


def _share(now: float) -> Dimension:
    return Number(0.0, max(0.5, now))


def _count(now: int) -> Dimension:
    return Number(min(1, now), max(4, 2 * now))


def _size(now: int) -> Dimension:
    return Number(max(1, now // 4), 4 * now, log=True)


_SIZES = frozenset({"units", "width", "widths", "filters", "channels", "neurons"})
_RULES = (
    Rule(frozenset(), bool, _choice(False, True)),
    Rule(frozenset({"activation"}), str, _choice(*ACTIVATIONS)),
    Rule(frozenset({"kernel"}), int, _choice(*KERNELS)),
    Rule(frozenset({"depth", "layers", "blocks"}), int, _count),
    Rule(frozenset({"dropout", "noise"}), float, _share),
    Rule(_SIZES, int, _size),
)


def dimension(name: str, kind: Any, now: Any) -> Dimension | None:
    """Returns what an argument of a builder may be.

    Args:
        name: Of the argument.
        kind: Its type.
        now: Its value.

    Returns:
        The dimension; `None` for an argument that a search leaves alone.

    Example:

    >>> dimension("dropout", float, 0.0)
    Number(low=0.0, high=0.5, log=False)
    >>> dimension("paper", str, "1986") is None
    True
    """
    if now is None or now == ():
        return None
    words = set(name.split("_"))
    if typing.get_origin(kind) is Literal:
        return Choice(typing.get_args(kind))
    if typing.get_origin(kind) is tuple and words & _SIZES:
        return _widths(typing.get_args(kind), now)
    for rule in _RULES:
        if kind is rule.kind and (not rule.words or words & rule.words):
            return rule.dimension(now)
    return None


def _widths(kinds: tuple[Any, ...], now: tuple[int, ...]) -> Dimension | None:
    if not set(kinds) <= {int, Ellipsis}:
        return None
    # tuple[int, int] takes two layers, tuple[int, ...] any number.
    depth = Number(1, max(4, 2 * len(now))) if Ellipsis in kinds else None
    width = Number(max(1, now[0] // 4), 4 * now[0], log=True)
    return Widths(depth, width, tuple(now))


class Candidate(NamedTuple):
    """A point of the space.

    Args:
        overrides: Arguments of the builder.
        recipe: How it is trained.
    """

    overrides: Config
    recipe: Recipe


class Space:
    """Everything that a search varies.

    Args:
        spec: The model.
        recipe: How it is trained now.
        given: Arguments of the builder that the data decides.

    Example:

    >>> from zoo import model_spec
    >>> spec = model_spec("mlp")
    >>> given = {"input_shape", "num_classes"}
    >>> list(Space(spec, spec.recipe, given).describe())[:3]
    ['hidden_units.depth', 'hidden_units.width', 'activation']
    """

    def __init__(self, spec: ModelSpec, recipe: Recipe, given: Collection[str]) -> None:
        self._recipe = recipe
        self._now = {k: v for k, v in spec.parameters.items() if k not in given}
        kinds = typing.get_type_hints(spec.builder)
        found = {k: dimension(k, kinds.get(k), v) for k, v in self._now.items()}
        self._arguments = {k: d for k, d in found.items() if d is not None}
        name, options = recipe.optimizer
        self._optimizers = OPTIMIZERS | {name: options}
        rate = options["learning_rate"]
        self._training: dict[str, Dimension] = {
            "optimizer": Choice(tuple(self._optimizers)),
            "learning_rate": Number(min(RATES[0], rate), max(RATES[1], rate), log=True),
            "batch_size": Choice(tuple(sorted({*BATCH_SIZES, recipe.batch_size}))),
        }

    @property
    def fixed(self) -> list[str]:
        """Arguments of the builder that are left as they are."""
        return [name for name in self._now if name not in self._arguments]

    def describe(self) -> dict[str, str]:
        """Returns each parameter with its range, in words."""
        every = self._arguments | self._training
        return dict(row for name, d in every.items() for row in d.describe(name))

    def now(self) -> dict[str, Any]:
        """Returns the parameters that come to the model and recipe as they are."""
        name, options = self._recipe.optimizer
        values = self._now | {
            "optimizer": name,
            "learning_rate": options["learning_rate"],
            "batch_size": self._recipe.batch_size,
        }
        every = self._arguments | self._training
        parts = [d.parameters(name, values[name]) for name, d in every.items()]
        return {key: value for part in parts for key, value in part.items()}

    def suggest(self, trial: Any) -> Candidate:
        """Asks an Optuna trial for a point."""
        overrides = {k: d.suggest(trial, k) for k, d in self._arguments.items()}
        chosen = {k: d.suggest(trial, k) for k, d in self._training.items()}
        name, rate = chosen["optimizer"], chosen["learning_rate"]
        optimizer = name, self._optimizers[name] | {"learning_rate": rate}
        recipe = dataclasses.replace(
            self._recipe, optimizer=optimizer, batch_size=chosen["batch_size"]
        )
        return Candidate(overrides, recipe)
