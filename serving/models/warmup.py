"""The first request costs tracing and allocation; a made-up one pays for it."""

import logging

import numpy as np

from serving.engines.base import Engine
from serving.errors import StatusError
from serving.protocol.signature_def import Signature
from serving.protocol.tensors import NUMPY_DTYPES

logger = logging.getLogger(__name__)


def warm_up(engine: Engine, label: str) -> None:
    """Sends one instance of zeros through each signature whose sizes are known.

    A model that refuses zeros is served all the same; a line in the log says so.
    """
    for signature in engine.signatures.values():
        inputs = zero_inputs(signature)
        if inputs is None:
            continue
        try:
            engine.predict(signature.name, inputs)
        except StatusError as error:
            logger.warning(
                "%s is served without warm-up of %s: %s", label, signature.name, error
            )


def zero_inputs(signature: Signature) -> dict[str, np.ndarray] | None:
    """Returns a batch of one, or None where a size or a string is unknown.

    Example:

    >>> from serving.protocol.signature_def import TensorSpec
    >>> image = TensorSpec("image", "DT_FLOAT", (None, 2, 2), "image:0")
    >>> zero_inputs(Signature("serving_default", {"image": image}, {}))["image"].shape
    (1, 2, 2)
    """
    inputs = {}
    for name, spec in signature.inputs.items():
        dtype = NUMPY_DTYPES.get(spec.dtype, np.dtype(object))
        if dtype == np.object_ or not spec.shape:
            return None
        batch_size, *sizes = spec.shape
        known = [size for size in sizes if size is not None]
        if known != sizes:
            return None
        inputs[name] = np.zeros((batch_size or 1, *known), dtype)
    return inputs
