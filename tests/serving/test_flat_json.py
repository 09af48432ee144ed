"""The short way for arrays of numbers reads exactly what the general way reads."""

import json
import random

import numpy as np
import pytest

from serving.errors import StatusError
from serving.protocol import predict
from serving.protocol.flat_json import array_shape, parse_array
from serving.protocol.json_body import parse_object
from serving.protocol.signature_def import SignatureDef, TensorInfo

DTYPES = ["DT_FLOAT", "DT_DOUBLE", "DT_HALF", "DT_INT8", "DT_INT32", "DT_INT64"]
DTYPES += ["DT_UINT8", "DT_UINT64"]
NUMBERS = ["0", "-0", "1", "-1", "7.0", "0.1", "1e2", "1E-2", "-2.5e+3", "128", "-129"]
NUMBERS += [
    "300",
    str(2**31),
    str(2**53 + 1),
    str(2**63 - 1),
    str(-(2**63)),
    str(2**63),
]
NUMBERS += [str(2**64 - 1), str(2**64), "1e39", "1e308", "5e-324", "1e400", "0.0"]
ODD = [
    "01",
    "+1",
    ".5",
    "1.",
    "1e",
    "-",
    "true",
    "null",
    '"1"',
    "NaN",
    "Infinity",
    "{}",
]
ODD += ["-Infinity", "[]", "1 2", "", "0x1", '{"b64": "AA=="}', "1e+", "- 1", "\\u0031"]
SPACES = ["", "", "", " ", "\n", "\t", "\r\n"]


def signature(dtype):
    inputs = {"image": TensorInfo("image", dtype, (None, 2), "image:0")}
    return {"serving_default": SignatureDef("serving_default", inputs, {})}


def general(body, signatures):
    return predict._decode_document(parse_object(body), signatures)


def outcome(decode, body, signatures):
    try:
        request = decode(body, signatures)
    except StatusError as error:
        return str(error)
    array = request.inputs["image"]
    return request.format, array.dtype, array.shape, array.tobytes()


def write(rng, shape, odd):
    """Writes an array; `odd` is how likely each value is not as it should be."""
    if not shape:
        return rng.choice(ODD if rng.random() < odd else NUMBERS)
    size = shape[0] + (rng.choice([-1, 1]) if rng.random() < odd / 4 else 0)
    space = rng.choice(SPACES)
    return f"[{(',' + space).join(write(rng, shape[1:], odd) for _ in range(size))}]"


def generate(rng):
    shape = [rng.randint(1, 3) for _ in range(rng.randint(0, 4))]
    text = write(rng, shape, rng.choice([0, 0, 0.02, 0.3]))
    space = rng.choice(SPACES)
    body = rng.choice(
        [
            '{"instances":%s}',
            '{ "instances" : %s }\n',
            '{"inputs": %s}',
            '{"inputs": {"image": %s}}',
            '{"inputs": {"imag": %s}}',
            '{"inputs": {"image": %s, "b": 1}}',
            '{"instances": %s, "inputs": 1}',
            '{"instances": %s, "instances": [1]}',
            '{"instancs": %s}',
            '{"ins tances": %s}',
            '{"instances1": %s}',
            '{"instances": %s} x',
            '{"instances": %s',
            '{"signature_name": "serving_default", "instances": %s}',
            '{"inst\\u0061nces": %s}',
            '[{"instances": %s}]',
        ]
    ) % (space + text + space)
    if rng.random() < 0.1:  # A change anywhere.
        place = rng.randrange(len(body))
        body = body[:place] + rng.choice('[]{},:"0 e-.\x00é') + body[place + 1 :]
    return body.encode()


def compare(seed, count):
    rng = random.Random(seed)
    short, read = 0, 0
    for _ in range(count):
        body, signatures = generate(rng), signature(rng.choice(DTYPES))
        ours = outcome(predict.decode_predict_request, body, signatures)
        assert ours == outcome(general, body, signatures), body
        info = signatures["serving_default"].inputs["image"]
        short += parse_array(body, info) is not None
        read += type(ours) is tuple
    return short, read


def test_both_ways_agree():
    short, read = compare(seed=0, count=5000)
    assert read > 500
    assert short > 150


@pytest.mark.soak
def test_both_ways_agree_at_length():
    for seed in range(1, 21):
        compare(seed, 10_000)


def test_what_takes_the_short_way():
    info = TensorInfo("image", "DT_FLOAT", None, "image:0")
    image = np.random.default_rng(0).random((1, 28, 28, 1)).astype(np.float32)
    for document in (
        {"instances": image.tolist()},
        {"inputs": image.tolist()},
        {"inputs": {"image": image.tolist()}},
    ):
        form, array = parse_array(json.dumps(document).encode(), info)
        assert form in document
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, image)


def test_every_64_bit_integer_is_exact():
    rng = np.random.default_rng(0)
    for dtype, name in ((np.int64, "DT_INT64"), (np.uint64, "DT_UINT64")):
        limits = np.iinfo(dtype)
        values = rng.integers(limits.min, limits.max, 1000, dtype, endpoint=True)
        body = json.dumps({"instances": values.tolist()}).encode()
        _, array = parse_array(body, TensorInfo("x", name, None, "x"))
        np.testing.assert_array_equal(array, values)


@pytest.mark.parametrize(
    ("skeleton", "shape"),
    [
        (b"[]", (1,)),
        (b"[[],[]]", (2, 1)),
        (b"[[[,],[,]]]", (1, 2, 2)),
        (b"[[,],[]]", None),
        (b"[[,],]", None),
        (b"[,[,]]", None),
        (b"[[,],[,]", None),
        (b"[[,]][[,]]", None),
        (b"[[,[]]]", None),
        (b"", None),
        (b"]", None),
        (b"[" * 33 + b"]" * 33, None),
    ],
)
def test_shape_of_a_skeleton(skeleton, shape):
    assert array_shape(skeleton) == shape
