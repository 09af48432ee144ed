"""The canonical code of what went wrong while a version was loaded."""

import errno

from export.errors import ExportError, UnsafeModelError
from serving.errors import Code, ServingError, StatusError
from zoo.errors import ZooError

_OS_CODES = {
    errno.ENOENT: Code.NOT_FOUND,
    errno.EACCES: Code.PERMISSION_DENIED,
    errno.ENOSPC: Code.RESOURCE_EXHAUSTED,
    errno.EDQUOT: Code.RESOURCE_EXHAUSTED,
    errno.EMFILE: Code.RESOURCE_EXHAUSTED,
    errno.ENOMEM: Code.RESOURCE_EXHAUSTED,
}
# ONNX Runtime's exceptions, which must not be imported where it is not used.
_RUNTIME_CODES = {
    "InvalidArgument": Code.INVALID_ARGUMENT,
    "InvalidGraph": Code.INVALID_ARGUMENT,
    "InvalidProtobuf": Code.INVALID_ARGUMENT,
    "NoSuchFile": Code.NOT_FOUND,
    "NotImplemented": Code.UNIMPLEMENTED,
}


def load_error(error: Exception) -> StatusError:
    """Returns what the status of the version says, in one line.

    Example:

    >>> failed = load_error(FileNotFoundError(2, "No such file", "model.onnx"))
    >>> failed.code.name, str(failed)
    ('NOT_FOUND', "FileNotFoundError: [Errno 2] No such file: 'model.onnx'")
    """
    if isinstance(error, StatusError):
        return error
    text = " ".join(str(error).split())
    if not isinstance(error, ZooError):
        text = f"{type(error).__name__}: {text}"
    return StatusError(_code(error), text)


def _code(error: Exception) -> Code:
    if isinstance(error, UnsafeModelError):
        return Code.PERMISSION_DENIED
    if isinstance(error, ExportError):
        return Code.DATA_LOSS
    if isinstance(error, ServingError):
        return Code.NOT_FOUND
    if isinstance(error, MemoryError):
        return Code.RESOURCE_EXHAUSTED
    if isinstance(error, OSError):
        return _OS_CODES.get(error.errno or 0, Code.UNKNOWN)
    # TensorFlow's errors say it themselves.
    code = getattr(error, "error_code", None)
    if isinstance(code, int):
        return Code(code)
    return _RUNTIME_CODES.get(type(error).__name__, Code.UNKNOWN)
