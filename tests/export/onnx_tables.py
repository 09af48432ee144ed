"""Writes what `export.onnx_file` knows of ONNX, from the installed package.

python -m tests.export.onnx_tables
"""

import json
from pathlib import Path

import onnx
from onnx import onnx_ml_pb2

import export

FOLDER = Path(export.__file__).parent
DOMAINS = ("", "ai.onnx.ml")


def messages() -> bytes:
    """The descriptor of ONNX's protobuf file."""
    return onnx_ml_pb2.DESCRIPTOR.serialized_pb


def operators() -> str:
    """The names of all operators by domain, as JSON."""
    schemas = onnx.defs.get_all_schemas()
    names = {
        domain: sorted({each.name for each in schemas if each.domain == domain})
        for domain in DOMAINS
    }
    return json.dumps(names, indent=0) + "\n"


if __name__ == "__main__":
    (FOLDER / "onnx_messages.binpb").write_bytes(messages())
    (FOLDER / "onnx_operators.json").write_text(operators())
