"""Judges an ONNX file by its protobuf, without loading it or its external data."""

import collections
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from export.errors import ExportError
from export.inspection import operators
from export.inspection.paths import is_inside, total_bytes
from export.inspection.report import Inspection
from export.inspection.unfolding import UnfoldingError, check_calls
from export.onnx_file import describe_signatures, read_onnx

if TYPE_CHECKING:
    import onnx

FORMAT = "onnx"


def inspect(path: Path) -> Inspection:
    """Inspects an ONNX file with the external data that it names.

    Raises:
        ExportError: If it is none that could be loaded.
    """
    model, folder = read_onnx(path), path.parent
    used: collections.Counter[tuple[str, str]] = collections.Counter()
    external: dict[str, None] = {}
    for message in _messages(model):
        kind = message.DESCRIPTOR.name
        if not _is_text(message):
            raise ExportError(f"{path} is damaged: a name in it is no text.")
        if kind == "NodeProto":
            used[message.domain, message.op_type] += 1
        elif kind == "TensorProto":
            external |= dict.fromkeys(_locations(message))
    defined = {(each.domain, each.name) for each in model.functions}
    try:
        check_calls(_bodies(model))
    except UnfoldingError as error:
        raise ExportError(f"{path} is damaged: {error}.") from error
    unknown = sorted(used.keys() - defined)
    custom = [
        operators.onnx_name(*each)
        for each in unknown
        if operators.is_custom_onnx(*each)
    ]
    refused = [
        f"it uses {name}, which is none of ONNX's own operators" for name in custom
    ]
    for name in external:
        if not is_inside(folder, name):
            refused.append(f"it reads {name!r}, which is not in its folder")
        elif not (folder / name).is_file():
            refused.append(f"it reads {name!r}, which is not there")
    return Inspection(
        path=path,
        format=FORMAT,
        bytes=total_bytes(folder, [path.name, *external]),
        signatures=describe_signatures(model),
        operators={
            operators.onnx_name(*each): count for each, count in sorted(used.items())
        },
        custom=tuple(custom),
        reads=tuple(external),
        refused=tuple(refused),
    )


def _messages(root: Any) -> Iterator[Any]:
    """Yields every message in a message: graphs and functions, however nested."""
    pending: list[Any] = [root]
    while pending:
        message = pending.pop()
        yield message
        for field, value in message.ListFields():
            if field.message_type is not None:
                pending += value if field.is_repeated else [value]


def _bodies(model: "onnx.ModelProto") -> dict[str, collections.Counter[str]]:
    """Returns how often the graph and each function name each operator."""
    bodies: dict[str, Any] = {"": model.graph}
    bodies |= {_called(each.domain, each.name, each): each for each in model.functions}
    return {
        name: collections.Counter(
            _called(node.domain, node.op_type, node)
            for node in _messages(body)
            if node.DESCRIPTOR.name == "NodeProto"
        )
        for name, body in bodies.items()
    }


def _called(domain: str, name: str, owner: Any) -> str:
    """Returns a name that differs for functions that differ."""
    full = operators.onnx_name("" if domain == "ai.onnx" else domain, name)
    return f"{full}:{owner.overload}" if owner.overload else full


def _is_text(message: Any) -> bool:
    """Whether no string of a message is the bytes that protobuf gives for bad UTF-8."""
    return not any(
        isinstance(each, bytes)
        for field, value in message.ListFields()
        if field.type == field.TYPE_STRING
        for each in (value if field.is_repeated else [value])
    )


def _locations(tensor: "onnx.TensorProto") -> list[str]:
    """Returns the file that holds the values of a tensor, if the model does not."""
    is_external = tensor.data_location == tensor.EXTERNAL
    found = [each.value for each in tensor.external_data if each.key == "location"]
    return found or [""] * is_external
