"""SignatureDefs: names, types and shapes of what a servable takes and returns."""

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

DEFAULT_SIGNATURE_NAME = "serving_default"
LARGEST_SAMPLE = 2**26  # bytes of an input that we make up ourselves
PREDICT_METHOD_NAME = "tensorflow/serving/predict"
NUMPY_DTYPES = {
    "DT_FLOAT": np.dtype(np.float32),
    "DT_DOUBLE": np.dtype(np.float64),
    "DT_HALF": np.dtype(np.float16),
    "DT_INT8": np.dtype(np.int8),
    "DT_INT16": np.dtype(np.int16),
    "DT_INT32": np.dtype(np.int32),
    "DT_INT64": np.dtype(np.int64),
    "DT_UINT8": np.dtype(np.uint8),
    "DT_UINT16": np.dtype(np.uint16),
    "DT_UINT32": np.dtype(np.uint32),
    "DT_UINT64": np.dtype(np.uint64),
    "DT_BOOL": np.dtype(np.bool_),
    "DT_STRING": np.dtype(np.object_),
}


@dataclasses.dataclass(frozen=True)
class TensorInfo:
    """A named input or output.

    Args:
        name: The name that clients use, the key of the signature.
        dtype: TensorFlow's name of the type, `DT_FLOAT`, `DT_STRING`, ...
        shape: Sizes, `None` for a dynamic one; `None` alone for an unknown rank.
        tensor_name: The name of the tensor in the graph; empty for a sparse one.
        coo_sparse: The names of the tensors of a sparse one: values, indices, dense
            shape.

    Example:

    >>> image = TensorInfo("image", "DT_FLOAT", (None, 28, 28, 1), "image:0")
    >>> image.accepts((7, 28, 28, 1)), image.accepts((28, 28, 1))
    (True, False)
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...] | None
    tensor_name: str
    coo_sparse: tuple[str, str, str] | None = None

    def accepts(self, shape: tuple[int, ...]) -> bool:
        """Whether an array of this shape fits."""
        if self.shape is None:
            return True
        return len(shape) == len(self.shape) and all(
            want is None or want == got
            for want, got in zip(self.shape, shape, strict=True)
        )

    def zeros(self) -> np.ndarray | None:
        """Returns a batch of one, or None for strings and where a size is dynamic.

        None, too, above `LARGEST_SAMPLE` bytes: files can declare any shape.

        Example:

        >>> TensorInfo("image", "DT_FLOAT", (None, 2, 2), "image:0").zeros().shape
        (1, 2, 2)
        """
        dtype = NUMPY_DTYPES.get(self.dtype)
        if dtype in (None, np.object_) or not self.shape:
            return None
        sizes = [size for size in self.shape[1:] if size is not None]
        if len(sizes) < len(self.shape) - 1:
            return None
        shape = (self.shape[0] or 1, *sizes)
        if math.prod(shape) * dtype.itemsize > LARGEST_SAMPLE:
            return None
        return np.zeros(shape, dtype)


@dataclasses.dataclass(frozen=True)
class SignatureDef:
    """A function of a servable: named inputs to named outputs.

    Args:
        name: The key of the signature.
        inputs: What it takes, by name.
        outputs: What it returns, by name.
        method_name: Of TensorFlow Serving.
        defaults: Values of inputs that a request of gRPC may leave out.
    """

    name: str
    inputs: Mapping[str, TensorInfo]
    outputs: Mapping[str, TensorInfo]
    method_name: str = PREDICT_METHOD_NAME
    defaults: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)

    @property
    def sparse(self) -> list[str]:
        """Inputs and outputs that are sparse, which no request and answer carries."""
        infos = [*self.inputs.values(), *self.outputs.values()]
        return [info.name for info in infos if info.coo_sparse is not None]


def format_shape(shape: tuple[int | None, ...] | None) -> str:
    """Writes a shape as TensorFlow Serving does.

    Example:

    >>> format_shape((None, 28, 28, 1)), format_shape(None)
    ('[-1,28,28,1]', '[?]')
    """
    if shape is None:
        return "[?]"
    return f"[{','.join('-1' if size is None else str(size) for size in shape)}]"
