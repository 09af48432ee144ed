"""What the suite knows of each format; a format without a row fails."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Row:
    """A format.

    Args:
        name: Of the format.
        artifact: The file that it is known by.
        strings: Whether it holds signatures of TensorFlow's own operators, such as
            those that take strings.
    """

    name: str
    artifact: str
    strings: bool = False


ROWS = [
    Row("litert", "model.tflite"),
    Row("onnx", "model.onnx"),
    Row("saved_model", "saved_model.pb", strings=True),
]
