"""A decoded inference request."""

import dataclasses
from collections.abc import Mapping

import numpy as np


@dataclasses.dataclass(slots=True)
class RequestedOutput:
    """An output as the client wants it.

    Args:
        name: Of the output.
        binary: As binary data behind the JSON.
        classes: How many classes of highest value in place of the tensor; 0 for the
            tensor.
    """

    name: str
    binary: bool
    classes: int = 0


@dataclasses.dataclass(slots=True)
class InferRequest:
    """A decoded inference request.

    Args:
        id: What the client calls it, or None.
        signature_name: The signature to run.
        inputs: Arrays by input name.
        outputs: The outputs that are asked for, in this order; none for all of them.
        binary: Whether outputs that are not named are wanted as binary data.
    """

    id: str | None
    signature_name: str
    inputs: Mapping[str, np.ndarray]
    outputs: tuple[RequestedOutput, ...]
    binary: bool = False
