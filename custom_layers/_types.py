"""Names for the types that signatures share."""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeGuard

import keras

# Whatever the backend calls a tensor, a NumPy array, or a symbolic tensor.
Tensor: TypeAlias = Any
# `None` stands for a size that is still open, as a model's batch is.
Shape: TypeAlias = tuple[int | None, ...]
KnownShape: TypeAlias = tuple[int, ...]

ActivationLike: TypeAlias = str | dict | Callable[[Tensor], Tensor] | None
InitializerLike: TypeAlias = str | dict | Callable | keras.Initializer | None
RegularizerLike: TypeAlias = str | dict | Callable | keras.Regularizer | None
ConstraintLike: TypeAlias = str | dict | Callable | keras.constraints.Constraint | None
Seed: TypeAlias = int | keras.random.SeedGenerator | None


def is_known(shape: Shape) -> TypeGuard[KnownShape]:
    """Whether no size is open."""
    return None not in shape
