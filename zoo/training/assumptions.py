"""Assumptions of learning rules about the data; a run warns where they do not hold."""

from collections.abc import Callable, Iterator

from zoo.datasets import Dataset
from zoo.datasets.separability import is_separable
from zoo.registry import Recipe

MOST_NUMBERS = 200_000  # features times samples that the linear program gets


def broken(recipe: Recipe, data: Dataset) -> Iterator[str]:
    """Yields a sentence for each assumption of the recipe's rule that does not hold."""
    check = _CHECKS.get(recipe.optimizer[0])
    if check is not None:
        yield from check(data)


def _separable(data: Dataset) -> Iterator[str]:
    """The perceptron rule converges only if the classes are linearly separable."""
    x = data.train.x.reshape(len(data.train.x), -1)
    # If some of the samples are not separable, all of them are not.
    x = x[: MOST_NUMBERS // x.shape[1]]
    y = data.train.y[: len(x)]
    # A hyperplane that separates one of two classes also separates the other.
    classes = range(1) if data.num_classes == 2 else range(data.num_classes)
    mixed = [data.labels[k] for k in classes if not is_separable(x, y == k)]
    if mixed:
        yield (
            f"Dataset {data.name!r} is not linearly separable: no hyperplane separates "
            f"{', '.join(mixed)} from the rest, so the perceptron rule does not "
            "converge."
        )


_CHECKS: dict[str, Callable[[Dataset], Iterator[str]]] = {"PerceptronRule": _separable}
