"""TensorFlow Serving's protobuf messages without TensorFlow.

Their descriptors come from a file beside this one (written by
`python -m tests.serving.descriptors`) and live in a pool of their own, so that a
process that imports TensorFlow as well has both without a conflict. They are loaded
when this module is imported: who can answer without protobuf imports it when needed.
"""

import functools
import pkgutil
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from serving.errors import ServingError


def load_pool(data: bytes) -> DescriptorPool:
    """Returns a pool of its own with the files of a serialized `FileDescriptorSet`."""
    pool = DescriptorPool()
    for file in FileDescriptorSet.FromString(data).file:
        pool.Add(file)
    return pool


POOL = load_pool(
    pkgutil.get_data("serving.protocol", "tensorflow_serving.binpb") or b""
)


@functools.cache
def message(name: str) -> Any:
    """Returns the class of a message by its full name.

    Raises:
        KeyError: For a message that is not among the descriptors.

    Example:

    >>> request = message("tensorflow.serving.PredictRequest")()
    >>> request.model_spec.name = "lenet5"
    >>> request.SerializeToString()
    b'\\n\\x08\\n\\x06lenet5'
    """
    return GetMessageClass(POOL.FindMessageTypeByName(name))


def parse_text(name: str, data: bytes, path: object) -> Any:
    """Reads a message in protobuf's text format.

    Args:
        name: Its full name.
        data: What the file holds.
        path: The file, for the error.

    Raises:
        ServingError: With TensorFlow Serving's words, line and column.

    Example:

    >>> text = b"max_batch_size { value: 8 }"
    >>> parameters = parse_text("tensorflow.serving.BatchingParameters", text, "b.txt")
    >>> parameters.max_batch_size.value
    8
    """
    # Imported here: it takes as long as everything above together.
    from google.protobuf import text_format

    parsed = message(name)()
    try:
        # Protobuf's own parser leaves out a byte order mark, too.
        text = data.decode("utf-8-sig")
        return text_format.Parse(text, parsed, descriptor_pool=POOL)
    except UnicodeDecodeError:
        reason = "it is not UTF-8 text"
    except text_format.ParseError as error:
        # Its message begins with "line:column : ".
        reason = str(error).replace(" : ", ": ", 1)
    raise ServingError(
        f"Invalid protobuf file: '{path}'. Error parsing text-format {name}: {reason}"
    )
