"""The error of a model that ONNX cannot express."""

from export.errors import ExportError


def inexpressible(what: str) -> ExportError:
    """Returns the error.

    >>> str(inexpressible("it has no operator for Qr of TensorFlow"))[:47]
    'ONNX cannot express the model (it has no operat'
    """
    return ExportError(
        f"ONNX cannot express the model ({what}); "
        "export it with formats=('saved_model',)."
    )
