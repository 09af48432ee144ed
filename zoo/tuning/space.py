"""The search space of a model: from its builder's arguments and its recipe.

An argument of a builder is searched if its name and its type have a default range, so
that a new model needs nothing here if it names its arguments as others do.
"""

import dataclasses
import typing
from collections.abc import Callable, Collection
from typing import Any, Literal, NamedTuple

from optuna.distributions import BaseDistribution
from optuna.trial import FixedTrial

from zoo.registry import Config, ModelSpec, Recipe
from zoo.tuning.dimensions import Choice, Dimension, Number, Widths

ACTIVATIONS = "relu", "tanh", "elu", "gelu", "silu"
BATCH_SIZES = 16, 32, 64, 128
KERNEL_SIZES = 3, 5, 7
# With their arguments but the learning rate; the recipe's optimizer keeps its own.
OPTIMIZERS: dict[str, Config] = {
    "Adam": {},
    "AdamW": {},
    "RMSprop": {},
    "SGD": {"momentum": 0.9, "nesterov": True},
}
LEARNING_RATES = 1e-4, 1e-1


class DefaultRange(NamedTuple):
    """The search range of arguments with a word in their name.

    Args:
        words: Parts of a name, between underscores; empty for any name.
        annotation: Type of the argument.
        dimension: Makes the dimension from the argument's default.
    """

    words: frozenset[str]
    annotation: type
    dimension: Callable[[Any], Dimension]


def _choice(*values: Any) -> Callable[[Any], Dimension]:
    return lambda default: Choice(tuple(dict.fromkeys((*values, default))))


def _rate(default: float) -> Dimension:
    return Number(0.0, max(0.5, default))


def _depth(default: int) -> Dimension:
    return Number(min(1, default), max(4, 2 * default))


def _width(default: int) -> Number:
    return Number(max(1, default // 4), 4 * default, log=True)


_WIDTHS = frozenset({"units", "width", "widths", "filters", "channels", "neurons"})
_DEFAULT_RANGES = (
    DefaultRange(frozenset(), bool, _choice(False, True)),
    DefaultRange(frozenset({"activation"}), str, _choice(*ACTIVATIONS)),
    DefaultRange(frozenset({"kernel"}), int, _choice(*KERNEL_SIZES)),
    DefaultRange(frozenset({"depth", "layers", "blocks"}), int, _depth),
    DefaultRange(frozenset({"dropout", "noise"}), float, _rate),
    DefaultRange(_WIDTHS, int, _width),
)


def dimension(name: str, annotation: Any, default: Any) -> Dimension | None:
    """Returns the search range of an argument of a builder.

    Args:
        name: Of the argument.
        annotation: Its type.
        default: Its value in the model.

    Returns:
        The dimension; `None` for an argument that is not searched.

    Example:

    >>> dimension("dropout", float, 0.0)
    Number(low=0.0, high=0.5, log=False)
    >>> dimension("paper", str, "1986") is None
    True
    """
    if default is None or default == ():
        return None
    words = set(name.split("_"))
    if typing.get_origin(annotation) is Literal:
        return Choice(typing.get_args(annotation))
    if typing.get_origin(annotation) is tuple and words & _WIDTHS:
        return _widths(typing.get_args(annotation), default)
    for row in _DEFAULT_RANGES:
        if annotation is row.annotation and (not row.words or words & row.words):
            return row.dimension(default)
    return None


def _widths(types: tuple[Any, ...], default: tuple[int, ...]) -> Dimension | None:
    if not set(types) <= {int, Ellipsis}:
        return None
    # tuple[int, int] takes two layers, tuple[int, ...] any number.
    depth = Number(1, max(4, 2 * len(default))) if Ellipsis in types else None
    return Widths(depth, _width(default[0]), tuple(default))


class Candidate(NamedTuple):
    """A point of the search space.

    Args:
        overrides: Arguments of the builder.
        recipe: How it is trained.
    """

    overrides: Config
    recipe: Recipe


class Space:
    """The search space of a model.

    Args:
        spec: The model.
        recipe: The recipe to vary.
        fixed_by_data: Arguments of the builder that the data decides.

    Example:

    >>> from zoo import model_spec
    >>> spec = model_spec("mlp")
    >>> space = Space(spec, spec.recipe, {"input_shape", "num_classes"})
    >>> list(space.describe())[:3]
    ['hidden_units.depth', 'hidden_units.width', 'activation']
    """

    def __init__(
        self, spec: ModelSpec, recipe: Recipe, fixed_by_data: Collection[str]
    ) -> None:
        self._recipe = recipe
        self._defaults = {
            k: v for k, v in spec.parameters.items() if k not in fixed_by_data
        }
        types = typing.get_type_hints(spec.builder)
        found = {k: dimension(k, types.get(k), v) for k, v in self._defaults.items()}
        self._arguments = {k: d for k, d in found.items() if d is not None}
        name, options = recipe.optimizer
        self._optimizers = OPTIMIZERS | {name: options}
        rate = options["learning_rate"]
        low, high = LEARNING_RATES
        self._training: dict[str, Dimension] = {
            "optimizer": Choice(tuple(self._optimizers)),
            "learning_rate": Number(min(low, rate), max(high, rate), log=True),
            "batch_size": Choice(tuple(sorted({*BATCH_SIZES, recipe.batch_size}))),
        }

    @property
    def fixed(self) -> list[str]:
        """Arguments of the builder that are not searched."""
        return [name for name in self._defaults if name not in self._arguments]

    def describe(self) -> dict[str, str]:
        """Returns each parameter with its range, as text."""
        dimensions = self._arguments | self._training
        return dict(row for name, d in dimensions.items() for row in d.describe(name))

    def baseline(self) -> dict[str, Any]:
        """Returns the parameters of the unchanged model and recipe."""
        name, options = self._recipe.optimizer
        values = self._defaults | {
            "optimizer": name,
            "learning_rate": options["learning_rate"],
            "batch_size": self._recipe.batch_size,
        }
        dimensions = self._arguments | self._training
        parts = [d.parameters(name, values[name]) for name, d in dimensions.items()]
        return {key: value for part in parts for key, value in part.items()}

    def distributions(self) -> dict[str, BaseDistribution]:
        """Returns the distributions of the parameters of the baseline, by name."""
        trial = FixedTrial(self.baseline())
        self.suggest(trial)
        return trial.distributions

    def suggest(self, trial: Any) -> Candidate:
        """Samples a point from an Optuna trial."""
        overrides = {k: d.suggest(trial, k) for k, d in self._arguments.items()}
        chosen = {k: d.suggest(trial, k) for k, d in self._training.items()}
        name, rate = chosen["optimizer"], chosen["learning_rate"]
        optimizer = name, self._optimizers[name] | {"learning_rate": rate}
        recipe = dataclasses.replace(
            self._recipe, optimizer=optimizer, batch_size=chosen["batch_size"]
        )
        return Candidate(overrides, recipe)
