"""Relations between formulas of propositional logic (Bowman et al., 2015).

    formula <- variable | ( not formula ) | ( formula and formula )
             | ( formula or formula )

A sample is a pair of formulas in brackets, and its class one of seven relations between
the worlds in which they are true. Formulas of the test split are deeper.
"""

import dataclasses
import itertools

import numpy as np

from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split, make_dataset
from zoo.datasets.labelled_text import texts
from zoo.datasets.named import GENERATED, register_dataset
from zoo.datasets.vocabulary import PADDING, UNKNOWN, Vocabulary

RELATIONS = (
    *("alternation", "cover", "entailment", "equivalence", "independence"),
    *("negation", "reverse_entailment"),
)
VARIABLES = ("a", "b", "c", "d")
_WORLDS = list(itertools.product((False, True), repeat=len(VARIABLES)))
_ALL = 2 ** len(_WORLDS) - 1
# Worlds in which a variable is true, as the bits of a number.
_TRUE = {
    name: sum(2**i for i, world in enumerate(_WORLDS) if world[place])
    for place, name in enumerate(VARIABLES)
}
_FORMULAS = 2_000  # of which pairs are made
# As many pairs of each relation.
_TRAIN, _VALIDATION, _TEST = 14_000, 1_050, 2_100

Formula = tuple[str, int]  # and the worlds in which it is true


@register_dataset("toy_logic", licence=GENERATED)
def toy_logic() -> Dataset:
    """17,150 pairs of formulas of logic and their relation, in the test of more parts.

    A formula has up to four operators in training, five to seven in the test.
    """
    generator = np.random.default_rng(SPLIT_SEED)
    shallow = _pairs(generator, (0, 4), _TRAIN + _VALIDATION)
    deep = _pairs(generator, (5, 7), _TEST)
    train, validation, test = (
        Split(texts(pairs), np.arange(len(pairs)) % len(RELATIONS))
        for pairs in (shallow[:_TRAIN], shallow[_TRAIN:], deep)
    )
    data = make_dataset("toy_logic", RELATIONS, train, test, validation)
    tokens = (PADDING, UNKNOWN, "(", ")", "and", "not", "or", *VARIABLES)
    return dataclasses.replace(data, vocabulary=Vocabulary(tokens))


def relations(first: int, seconds: np.ndarray) -> np.ndarray:
    """Returns the relation of a set of worlds to each of others, as a class id.

    >>> a, b = _TRUE["a"], _TRUE["b"]
    >>> found = relations(a, np.array([a, _ALL ^ a, a | b, a & b, b]))
    >>> print(*(RELATIONS[i] for i in found))
    equivalence negation entailment reverse_entailment independence
    """
    conditions = {
        "equivalence": seconds == first,
        "negation": seconds == _ALL ^ first,
        "entailment": first & seconds == first,
        "reverse_entailment": first & seconds == seconds,
        "alternation": first & seconds == 0,
        "cover": first | seconds == _ALL,
    }
    return np.select(
        list(conditions.values()),
        [RELATIONS.index(name) for name in conditions],
        RELATIONS.index("independence"),
    )


def _pairs(
    generator: np.random.Generator, sizes: tuple[int, int], count: int
) -> list[str]:
    """Draws distinct pairs, one of each relation in turn."""
    pool = _formulas(generator, sizes)
    worlds = np.array([true for _, true in pool])
    found: dict[str, None] = {}
    while len(found) < count:
        text, true = pool[generator.integers(len(pool))]
        wanted = len(found) % len(RELATIONS)
        fitting = np.flatnonzero(relations(true, worlds) == wanted)
        if len(fitting):
            found[f"( {text} {pool[generator.choice(fitting)][0]} )"] = None
    return list(found)


def _formulas(generator: np.random.Generator, sizes: tuple[int, int]) -> list[Formula]:
    """Draws formulas that are true in some worlds, and false in others."""
    found: list[Formula] = []
    while len(found) < _FORMULAS:
        operators = int(generator.integers(sizes[0], sizes[1] + 1))
        formula = _formula(generator, operators)
        if 0 < formula[1] < _ALL:
            found.append(formula)
    return found


def _formula(generator: np.random.Generator, operators: int) -> Formula:
    if operators == 0:
        name = VARIABLES[generator.integers(len(VARIABLES))]
        return name, _TRUE[name]
    kind = generator.integers(3)
    if kind == 0:
        inner, worlds = _formula(generator, operators - 1)
        return f"( not {inner} )", _ALL ^ worlds
    first = int(generator.integers(operators))
    (a, x), (b, y) = (
        _formula(generator, part) for part in (first, operators - 1 - first)
    )
    return (f"( {a} and {b} )", x & y) if kind == 1 else (f"( {a} or {b} )", x | y)
