"""What a servable takes and returns."""

import dataclasses
from collections.abc import Mapping

DEFAULT_SIGNATURE_NAME = "serving_default"
PREDICT_METHOD_NAME = "tensorflow/serving/predict"


@dataclasses.dataclass(frozen=True)
class TensorSpec:
    """A named input or output.

    Args:
        name: The name that clients use, the key of the signature.
        dtype: TensorFlow's name of the type, `DT_FLOAT`, `DT_STRING`, ...
        shape: Sizes, `None` for a free one; `None` alone for an unknown rank.
        tensor_name: The name of the tensor in the graph.

    Example:

    >>> image = TensorSpec("image", "DT_FLOAT", (None, 28, 28, 1), "image:0")
    >>> image.accepts((7, 28, 28, 1)), image.accepts((28, 28, 1))
    (True, False)
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...] | None
    tensor_name: str

    def accepts(self, shape: tuple[int, ...]) -> bool:
        """Whether an array of this shape fits."""
        if self.shape is None:
            return True
        return len(shape) == len(self.shape) and all(
            want is None or want == got
            for want, got in zip(self.shape, shape, strict=True)
        )


@dataclasses.dataclass(frozen=True)
class Signature:
    """A callable of a servable: named inputs to named outputs."""

    name: str
    inputs: Mapping[str, TensorSpec]
    outputs: Mapping[str, TensorSpec]
    method_name: str = PREDICT_METHOD_NAME


def format_shape(shape: tuple[int | None, ...] | None) -> str:
    """Writes a shape as TensorFlow Serving does.

    Example:

    >>> format_shape((None, 28, 28, 1)), format_shape(None)
    ('[-1,28,28,1]', '[?]')
    """
    if shape is None:
        return "[?]"
    return f"[{','.join('-1' if size is None else str(size) for size in shape)}]"
