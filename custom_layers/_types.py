"""Names for the types that signatures share."""

from collections.abc import Callable
from typing import Any, TypeAlias

import keras

# Whatever the backend calls a tensor, a NumPy array, or a symbolic tensor.
Tensor: TypeAlias = Any
Shape: TypeAlias = tuple[int | None, ...]

ActivationLike: TypeAlias = str | dict | Callable[[Tensor], Tensor] | None
InitializerLike: TypeAlias = str | dict | Callable | keras.Initializer | None
RegularizerLike: TypeAlias = str | dict | Callable | keras.Regularizer | None
ConstraintLike: TypeAlias = str | dict | Callable | keras.constraints.Constraint | None
Seed: TypeAlias = int | keras.random.SeedGenerator | None
