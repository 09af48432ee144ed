"""Messages of Open Inference Protocol v2's gRPC service, without a server."""

import numpy as np
import pytest
from tritonclient.grpc import service_pb2

from serving.errors import Code, StatusError
from serving.protocol.open_inference.datatypes import DATATYPES
from serving.protocol.open_inference.messages import (
    POOL,
    decode_infer_message,
    encode_infer_message,
    message,
)
from serving.protocol.open_inference.requests import InferRequest
from tests.serving import open_inference_descriptors
from tests.serving.test_open_inference_bodies import (
    pair,
    serialize,
    signature,
    values,
)

RAW_ONLY = ("FP16", "BF16")
CONTENTS = {
    "BOOL": "bool",
    "BYTES": "bytes",
    "INT64": "int64",
    "UINT64": "uint64",
    "FP32": "fp32",
    "FP64": "fp64",
} | {
    f"{sign}INT{bits}": f"{sign.lower()}int"
    for sign in ("", "U")
    for bits in (8, 16, 32)
}


def fields(descriptor):
    return {
        (
            field.number,
            field.name,
            field.type,
            field.is_repeated,
            field.message_type.full_name if field.message_type else None,
            field.containing_oneof.name if field.containing_oneof else None,
        )
        for field in descriptor.fields
    } | {
        (nested.full_name, *sorted(fields(nested), key=str))
        for nested in descriptor.nested_types
    }


def test_the_descriptors_are_current():
    assert open_inference_descriptors.PATH.read_bytes() == (
        open_inference_descriptors.build()
    )


def test_messages_and_methods_are_those_of_triton():
    ours = POOL.FindFileByName("open_inference.proto")
    theirs = service_pb2.DESCRIPTOR
    assert len(ours.message_types_by_name) > 15
    for name, descriptor in ours.message_types_by_name.items():
        assert fields(descriptor) == fields(theirs.message_types_by_name[name]), name
    (service,) = ours.services_by_name.values()
    known = theirs.services_by_name[service.name].methods_by_name
    for method in service.methods:
        other = known[method.name]
        assert method.full_name == other.full_name
        assert method.input_type.full_name == other.input_type.full_name
        assert method.output_type.full_name == other.output_type.full_name
        assert method.server_streaming == other.server_streaming


def infer(*inputs, raw=(), outputs=(), **fields):
    return message("ModelInferRequest")(
        inputs=inputs, raw_input_contents=raw, outputs=outputs, **fields
    )


def tensor(name="x", datatype="FP32", shape=(2,), **contents):
    row = {"name": name, "datatype": datatype, "shape": shape}
    return row | ({"contents": contents} if contents else {})


@pytest.mark.parametrize("dtype", DATATYPES)
@pytest.mark.parametrize("is_raw", [False, True])
def test_every_datatype_comes_and_goes(dtype, is_raw):
    name = DATATYPES[dtype]
    if name in RAW_ONLY and not is_raw:
        with pytest.raises(StatusError, match=f"{name} has raw contents only"):
            decode_infer_message(infer(tensor(datatype=name)), signature(dtype))
        return
    _, array = values(dtype)
    if is_raw:
        row = tensor(datatype=name, shape=[3])
        request = infer(row, raw=[serialize(array)], id="7")
    else:
        field = f"{CONTENTS[name]}_contents"
        request = infer(tensor(datatype=name, shape=[3], **{field: array.tolist()}))
    decoded = decode_infer_message(request, signature(dtype))
    assert decoded.inputs["x"].dtype == array.dtype
    assert decoded.inputs["x"].tolist() == array.tolist()
    assert decoded.id == ("7" if is_raw else None)

    answer = encode_infer_message("m", 3, decoded, {"y": array})
    (row,) = answer.outputs
    assert (answer.model_name, answer.model_version) == ("m", "3")
    assert (row.name, row.datatype, list(row.shape)) == ("y", name, [3])
    if is_raw:
        assert list(answer.raw_output_contents) == [serialize(array)]
        assert not row.HasField("contents")
    else:
        assert list(getattr(row.contents, field)) == array.tolist()


def test_half_precision_makes_all_outputs_raw():
    asked = InferRequest(None, "serving_default", {}, ())
    outputs = {"y": np.float16([0.5]), "z": np.float32([2])}
    answer = encode_infer_message("m", 1, asked, outputs)
    assert list(answer.raw_output_contents) == [x.tobytes() for x in outputs.values()]


def test_raw_contents_of_numbers_are_not_copied():
    request = infer(tensor(), raw=[np.float32([1, 2]).tobytes()])
    x = decode_infer_message(request, signature()).inputs["x"]
    assert not x.flags.owndata
    assert not x.flags.writeable


def test_parameters_choose_signature_outputs_and_classes():
    both = signature()
    both["other"] = both["serving_default"]
    request = infer(
        tensor(fp32_contents=[1, 2]),
        parameters={"signature_name": {"string_param": "other"}},
        outputs=[{"name": "y", "parameters": {"classification": {"int64_param": 1}}}],
    )
    decoded = decode_infer_message(request, both)
    answer = encode_infer_message("m", 1, decoded, {"y": np.float32([0.5, 2])})
    assert list(answer.outputs[0].contents.bytes_contents) == [b"2.000000:1"]


BAD = {
    "name": (infer(tensor("q")), "Unexpected input 'q'. The inputs are: x"),
    "missing": (infer(), "Expected 1 inputs, received 0. Missing: x"),
    "datatype": (
        infer(tensor(datatype="FP64", fp64_contents=[1, 2])),
        "Input 'x': expected datatype FP32",
    ),
    "negative": (infer(tensor(shape=[-1])), "its shape has -1"),
    "rank": (infer(tensor(shape=[1, 2])), "expected shape [-1], received shape [1,2]"),
    "few": (infer(tensor(fp32_contents=[1])), "takes 2 elements, its data has 1"),
    "nothing": (infer(tensor()), "takes 2 elements, its data has 0"),
    "other contents": (
        infer(tensor(fp32_contents=[1, 2], int_contents=[1])),
        "expected fp32_contents, received fp32_contents, int_contents",
    ),
    "raw size": (infer(tensor(), raw=[b"123"]), "its binary data has 3 bytes"),
    "raw and typed": (
        infer(tensor(fp32_contents=[1, 2]), raw=[b"12345678"]),
        "expected raw or typed contents, received both",
    ),
    "raw of two": (
        infer(tensor(), raw=[b"12345678"] * 2),
        "Expected raw_input_contents of each of 1 inputs, received 2",
    ),
    "output": (
        infer(tensor(fp32_contents=[1, 2]), outputs=[{"name": "q"}]),
        "Unexpected output 'q'. The outputs are: y",
    ),
    "classes": (
        infer(
            tensor(fp32_contents=[1, 2]),
            outputs=[
                {"name": "y", "parameters": {"classification": {"string_param": "2"}}}
            ],
        ),
        """'classification' is "2\"""",
    ),
    "signature": (
        infer(parameters={"signature_name": {"string_param": "q"}}),
        'No signature "q"',
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_named(case):
    request, text = BAD[case]
    with pytest.raises(StatusError) as caught:
        decode_infer_message(request, signature())
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert text in str(caught.value)


def test_integers_outside_their_type_are_refused():
    request = infer(tensor(datatype="INT8", int_contents=[1, 128]))
    with pytest.raises(StatusError, match="holds 128, outside -128 to 127"):
        decode_infer_message(request, signature("DT_INT8"))


def test_the_order_of_inputs_is_that_of_the_request():
    a, b = np.float32([[1, 2]]), np.int32([5])
    request = infer(
        tensor("b", "INT32", [1]),
        tensor("a", "FP32", [1, 2]),
        raw=[b.tobytes(), a.tobytes()],
    )
    inputs = decode_infer_message(request, pair()).inputs
    assert inputs["a"].tolist() == a.tolist()
    assert inputs["b"].tolist() == b.tolist()
