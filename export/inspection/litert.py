"""Judges a LiteRT file by its flatbuffer, without an interpreter."""

import collections
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from export.formats.litert import (
    describe_signatures,
    indices,
    litert_schema,
    malformed,
    read_litert,
)
from export.inspection.report import Inspection

FORMAT = "litert"


def inspect(path: Path) -> Inspection:
    """Inspects a LiteRT file.

    LiteRT's own operators compute from their inputs and variables alone; all others,
    TensorFlow's (`Flex...`) among them, run code that is linked to the interpreter.

    Raises:
        ExportError: If it is none that could be loaded.
    """
    schema = litert_schema()
    model, size = read_litert(path)
    with malformed(path):
        used = collections.Counter(_operators(model, schema, size))
        signatures = describe_signatures(model, size)
    custom = sorted(name for name, is_custom in used if is_custom)
    return Inspection(
        path=path,
        format=FORMAT,
        bytes=size,
        signatures=signatures,
        operators={name: count for (name, _), count in sorted(used.items())},
        custom=tuple(custom),
        reads=(),
        refused=tuple(
            f"it uses {name}, which is none of LiteRT's own operators"
            for name in custom
        ),
    )


def _operators(model: Any, schema: Any, limit: int) -> Iterator[tuple[str, bool]]:
    """Yields name, and whether it is custom, of each operator."""
    names = {number: name for name, number in vars(schema.BuiltinOperator).items()}
    for i in indices(model.SubgraphsLength(), limit):
        graph = model.Subgraphs(i)
        for j in indices(graph.OperatorsLength(), limit):
            index = graph.Operators(j).OpcodeIndex()
            if index >= model.OperatorCodesLength():
                raise ValueError(f"it has no operator {index}")
            code = model.OperatorCodes(index)
            number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
            if number == schema.BuiltinOperator.CUSTOM or number not in names:
                yield (code.CustomCode() or b"CUSTOM").decode(errors="replace"), True
            else:
                yield names[number], False
