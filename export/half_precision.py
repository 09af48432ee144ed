"""Models that compute in half precision: how far the artifact is from their call.

An artifact computes in `float32`. It is compared with the model in `float32` first, as
every artifact is with its model, and with the user's own call by the tolerance of the
type that this call computes in.
"""

from typing import Any

from export import parity, precision
from export.errors import ParityError
from export.samples import Batch
from export.signature import Signature


def compare(
    signature: Signature, reference: list[tuple[Batch, Batch]]
) -> dict[str, Any]:
    """Compares the user's own call with the reference in single precision.

    Args:
        signature: Of the model.
        reference: Batches of inputs, and outputs in single precision.

    Returns:
        For the manifest, the type, its tolerance and the largest difference by
        output; nothing for a model that computes in single precision.

    Raises:
        ParityError: If a difference is above the tolerance.
    """
    kind = precision.half_type(signature.call.model)
    if kind is None:
        return {}
    differences: dict[str, float] = {}
    for inputs, expected in reference:
        for name, values in signature.as_called(inputs).items():
            found = parity.largest(values.astype(expected[name].dtype), expected[name])
            differences[name] = max(found, differences.get(name, 0.0))
    tolerance = precision.TOLERANCE[kind]
    for name, found in differences.items():
        if not found <= tolerance:
            raise ParityError(
                f"In float32 the model differs from its own call in {kind}: {name} by "
                f"{found:.3g}, tolerance {tolerance:g}. An artifact computes in "
                "float32; cast the model to it first and compare."
            )
    return {
        "computes_in": kind,
        "own_call": {"tolerance": tolerance, "max_difference": differences},
    }
