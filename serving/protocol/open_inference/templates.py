"""Requests whose JSON has come before, but for the numbers of one tensor.

A client sends the same names, types and shapes over and over. What was read and checked
of them is kept by the text of the JSON; of a flat list of numbers in it, `[]` stands in
its place and the numbers are read as in `serving.protocol.flat_json`. A request that
differs in anything else, or has an error, is read as if nothing were known.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from serving.errors import StatusError
from serving.protocol.flat_json import parse_numbers
from serving.protocol.open_inference.binary_data import decode_binary
from serving.protocol.open_inference.requests import InferRequest, RequestedOutput
from serving.protocol.signature_def import SignatureDef

_DATA = re.compile(rb'"data"\s*:\s*(?=\[)')
_LONGEST = 4096  # bytes of JSON, without the numbers
_MOST = 256


class _Tensor(NamedTuple):
    name: str
    dtype: np.dtype
    shape: tuple[int, ...]
    elements: int
    binary_size: int | None


class Template(NamedTuple):
    """What equal JSON says, once it was checked."""

    signatures: Mapping[str, SignatureDef]
    signature_name: str
    tensors: tuple[_Tensor, ...]
    outputs: tuple[RequestedOutput, ...]
    binary: bool


_templates: dict[bytes, Template] = {}


def repeated_part(body: bytes, json_size: int) -> tuple[bytes, bytes]:
    """Splits the JSON of a request into what comes again, and numbers.

    Without escapes a key can be written in one way, so where `"data"` stands once, the
    list behind it is the value of that key and of no other.

    Example:

    >>> text = b'{"inputs": [{"name": "x", "data": [1, 2.5]}]}'
    >>> repeated_part(text, len(text))
    (b'{"inputs": [{"name": "x", "data": []}]}', b'[1, 2.5]')
    """
    if json_size < len(body):
        return body[:json_size], b""
    if body.count(b'"data"') == 1 and b"\\" not in body:
        found = _DATA.search(body)
        if found is not None:
            start = found.end()
            end = body.find(b"]", start) + 1
            if body.find(b"[", start + 1, end) < 0:
                return body[:start] + b"[]" + body[end:], body[start:end]
    return body, b""


def find_template(
    text: bytes, signatures: Mapping[str, SignatureDef]
) -> Template | None:
    """Returns what is known of a text, for the signatures of one servable."""
    if len(text) > _LONGEST:
        return None
    template = _templates.get(text)
    return template if template and template.signatures is signatures else None


def fill(
    template: Template, body: bytes, offset: int, numbers: bytes
) -> InferRequest | None:
    """Returns a request; None where its tensors are not as before.

    Args:
        template: Of its JSON.
        body: All of it.
        offset: Where the binary data begins.
        numbers: The list that was split from the JSON, or empty.
    """
    inputs = {}
    for name, dtype, shape, elements, size in template.tensors:
        if size is None:
            array = parse_numbers(numbers, [], elements, dtype)
            if array is None:
                return None
        elif offset + size > len(body):
            return None
        else:
            try:
                array = decode_binary(body, offset, size, elements, dtype)
            except StatusError:  # It is raised again, with the name of the input.
                return None
            offset += size
        inputs[name] = array.reshape(shape)
    if offset != len(body):
        return None
    _, signature_name, _, outputs, binary = template
    return InferRequest(None, signature_name, inputs, outputs, binary)


def remember(
    text: bytes,
    numbers: bytes,
    signatures: Mapping[str, SignatureDef],
    request: InferRequest,
    binary_sizes: Mapping[str, int | None],
) -> None:
    """Keeps what was read of a request without an id.

    Args:
        text: Its JSON, with `[]` in place of numbers.
        numbers: These, or empty.
        signatures: Of the servable.
        request: As it was read.
        binary_sizes: Size of the binary data by input; None for one in JSON.
    """
    tensors = tuple(
        _Tensor(name, array.dtype, array.shape, array.size, binary_sizes[name])
        for name, array in request.inputs.items()
    )
    in_json = [each for each in tensors if each.binary_size is None]
    is_known = not in_json or (
        bool(numbers) and len(in_json) == 1 and in_json[0].dtype.kind in "fiu"
    )
    if not is_known or len(text) > _LONGEST:
        return
    if len(_templates) >= _MOST:
        _templates.clear()
    _templates[text] = Template(
        signatures, request.signature_name, tensors, request.outputs, request.binary
    )
