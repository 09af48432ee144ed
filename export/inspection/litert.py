"""Judges a LiteRT file by its flatbuffer, without an interpreter."""

import collections
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from export.errors import ExportError
from export.inspection.report import Inspection

FORMAT = "litert"
SUFFIXES = (".tflite",)
# What reading a flatbuffer raises whose offsets lead nowhere.
_MALFORMED = (struct.error, AttributeError, IndexError, TypeError, ValueError)


def inspect(path: Path) -> Inspection:
    """Inspects a LiteRT file.

    LiteRT's own operators compute from their inputs and variables alone; all others,
    TensorFlow's (`Flex...`) among them, run code that is linked to the interpreter.

    Raises:
        ExportError: If it is none that could be loaded.
    """
    schema = _schema()
    try:
        content = path.read_bytes()
        if not schema.Model.ModelBufferHasIdentifier(content, 0):
            raise ExportError(f"{path} is damaged: it is no LiteRT file; export again.")
        model = schema.Model.GetRootAs(content, 0)
        used = collections.Counter(_operators(model, schema, len(content)))
        signatures = dict(_signatures(model, schema, len(content)))
    except (OSError, *_MALFORMED) as error:
        raise ExportError(f"{path} is damaged ({error}); export again.") from error
    custom = sorted(name for name, is_custom in used if is_custom)
    return Inspection(
        path=path,
        format=FORMAT,
        bytes=len(content),
        signatures=signatures,
        operators={name: count for (name, _), count in sorted(used.items())},
        custom=tuple(custom),
        reads=(),
        refused=tuple(
            f"it uses {name}, which is none of LiteRT's own operators"
            for name in custom
        ),
    )


def _schema() -> Any:
    """Returns the classes of the flatbuffer; TensorFlow has the same, but is heavy."""
    try:
        from ai_edge_litert import schema_py_generated
    except ImportError:
        from tensorflow.lite.python import schema_py_generated
    return schema_py_generated


def _operators(model: Any, schema: Any, limit: int) -> Iterator[tuple[str, bool]]:
    """Yields name, and whether it is custom, of each operator."""
    names = {number: name for name, number in vars(schema.BuiltinOperator).items()}
    for i in _range(model.SubgraphsLength(), limit):
        graph = model.Subgraphs(i)
        for j in _range(graph.OperatorsLength(), limit):
            index = graph.Operators(j).OpcodeIndex()
            if index >= model.OperatorCodesLength():
                raise ValueError(f"it has no operator {index}")
            code = model.OperatorCodes(index)
            number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
            if number == schema.BuiltinOperator.CUSTOM or number not in names:
                yield (code.CustomCode() or b"CUSTOM").decode(errors="replace"), True
            else:
                yield names[number], False


def _signatures(model: Any, schema: Any, limit: int) -> Iterator[tuple[str, Any]]:
    names = {number: name.lower() for name, number in vars(schema.TensorType).items()}
    for i in _range(model.SignatureDefsLength(), limit):
        signature = model.SignatureDefs(i)
        graph = model.Subgraphs(signature.SubgraphIndex())
        inputs = map(signature.Inputs, _range(signature.InputsLength(), limit))
        outputs = map(signature.Outputs, _range(signature.OutputsLength(), limit))
        yield (
            signature.SignatureKey().decode(),
            {
                kind: {
                    each.Name().decode(): _describe(
                        graph.Tensors(each.TensorIndex()), names, limit
                    )
                    for each in tensors
                }
                for kind, tensors in (("inputs", inputs), ("outputs", outputs))
            },
        )


def _describe(tensor: Any, names: dict[int, str], limit: int) -> dict[str, Any]:
    is_open = tensor.ShapeSignatureLength() > 0
    read = tensor.ShapeSignature if is_open else tensor.Shape
    sizes = [read(i) for i in _range(tensor.ShapeLength(), limit)]
    return {
        "dtype": names.get(tensor.Type(), "unknown"),
        "shape": [None if size < 0 else size for size in sizes],
    }


def _range(length: int, limit: int) -> range:
    """Returns the indices of a vector; each takes more than a byte of the file."""
    if length > limit:
        raise ValueError(f"it says that a vector has {length} entries")
    return range(length)
