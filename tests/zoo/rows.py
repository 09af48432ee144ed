"""A row for each architecture: what makes it small enough to test.

Instances such as `lenet5.mnist` are built by the same function and tested in the
form that they ship in, so they need no row.
"""

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class Row:
    """Arguments that make a registered architecture tiny."""

    name: str
    arguments: dict[str, Any]


ROWS = [
    Row("lenet5", {"input_shape": (8, 8, 1), "num_classes": 3}),
    Row("mlp", {"input_shape": (4,), "num_classes": 3, "hidden_units": (16,)}),
]
