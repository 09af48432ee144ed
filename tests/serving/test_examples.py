"""Examples in, classifications and regressions out, with TensorFlow Serving's words."""

import json

import numpy as np
import pytest

from serving.errors import Code, StatusError
from serving.protocol import classification, regression
from serving.protocol.classification import (
    classification_document,
    classification_result,
)
from serving.protocol.examples import (
    decode_examples_request,
    find_signature,
    serialize_examples,
)
from serving.protocol.messages import message
from serving.protocol.regression import regression_document, regression_result
from serving.protocol.signature_def import SignatureDef, TensorInfo

Example = message("tensorflow.Example")


def features(serialized):
    """The features of a serialized example as TensorFlow reads them."""
    import tensorflow as tf

    found = {}
    for name, feature in tf.train.Example.FromString(
        serialized
    ).features.feature.items():
        kind = feature.WhichOneof("kind")
        found[name] = list(getattr(feature, kind).value) if kind else []
    return found


def signature(inputs, outputs, method=classification):
    return SignatureDef(
        "serving_default",
        {name: TensorInfo(name, "DT_STRING", (None,), name) for name in inputs},
        {name: TensorInfo(name, "DT_FLOAT", (None,), name) for name in outputs},
        method.METHOD_NAME,
    )


def test_json_examples_are_read():
    request = decode_examples_request(
        {
            "signature_name": "classify",
            "examples": [
                {"x": 2.0, "n": 3, "name": "ä", "flag": True, "none": []},
                {"x": [1.5, 1e39], "n": [-(2**63)], "name": {"b64": "/w=="}},
            ],
        }
    )
    assert request.signature_name == "classify"
    first, second = map(features, request.examples)
    assert first == {
        "x": [2.0],
        "n": [3],
        "name": ["ä".encode()],
        "flag": [1],
        "none": [],
    }
    assert second == {"x": [1.5, np.inf], "n": [-(2**63)], "name": [b"\xff"]}


def test_a_context_is_part_of_each_example_that_does_not_say_otherwise():
    request = decode_examples_request(
        {"context": {"a": 1, "b": 2}, "examples": [{"b": 3}, {"c": 4}]}
    )
    assert list(map(features, request.examples)) == [
        {"a": [1], "b": [3]},
        {"a": [1], "b": [2], "c": [4]},
    ]


def test_an_input_message_is_read():
    plain = message("tensorflow.serving.Input")()
    feature = plain.example_list.examples.add().features.feature
    feature["x"].float_list.value.append(2)
    assert [*map(features, serialize_examples(plain))] == [{"x": [2.0]}]

    both = message("tensorflow.serving.Input")()
    listed = both.example_list_with_context
    listed.context.features.feature["x"].int64_list.value.append(1)
    listed.examples.add()
    listed.examples.add().features.feature["x"].bytes_list.value.append(b"own")
    assert [*map(features, serialize_examples(both))] == [{"x": [1]}, {"x": [b"own"]}]


@pytest.mark.parametrize("kind", ["", "example_list", "example_list_with_context"])
def test_no_examples_are_an_error(kind):
    empty = message("tensorflow.serving.Input")()
    if kind:
        getattr(empty, kind).SetInParent()
    with pytest.raises(StatusError, match=r"^Input is empty\.$"):
        serialize_examples(empty)


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({"signature_name": 1, "examples": [{}]}, "'signature_name' key must be a"),
        ({}, "When method is classify, key 'examples' is expected and was not found"),
        ({"examples": {}}, "Expecting 'examples' value to be an list/array"),
        ({"examples": []}, "'examples' value is an empty array"),
        ({"examples": [2]}, "Example must be JSON object but got JSON Number"),
        ({"examples": [[]]}, "Example must be JSON object but got JSON Array"),
        ({"examples": [True]}, "Example must be JSON object but got JSON True"),
        ({"context": 1, "examples": [{}]}, "Example must be JSON object but got JSON"),
        (
            {"examples": [{"x": None}]},
            "Feature: x has element with unexpected JSON type: Null",
        ),
        (
            {"examples": [{"x": [[1]]}]},
            "Feature: x has element with unexpected JSON type: Array",
        ),
        (
            {"examples": [{"x": {"a": 1}}]},
            "Feature: x has element with unexpected JSON type: Object",
        ),
        (
            {"examples": [{"x": [1, 2.5]}]},
            "Unexpected element type in feature: x expecting type: int64",
        ),
        (
            {"examples": [{"x": ["a", 1]}]},
            "Unexpected element type in feature: x expecting type: bytes",
        ),
        (
            {"examples": [{"x": 2**63}]},
            "Feature: x has uint64 element. Only int64 is supported.",
        ),
        ({"examples": [{"x": {"b64": "?"}}]}, "Unable to base64 decode"),
        ({"examples": [{"\ud800": 1}]}, "The surrogate pair in string is invalid."),
        ({"examples": [{"x": "\ud800"}]}, "The surrogate pair in string is invalid."),
    ],
    ids=str,
)
def test_wrong_json_is_named(document, error):
    with pytest.raises(StatusError) as caught:
        decode_examples_request(document)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert error in str(caught.value)


def test_an_unknown_signature_is_named():
    with pytest.raises(StatusError, match="^No signature was found with the name: a$"):
        find_signature({}, "a")
    known = {"serving_default": signature(["inputs"], ["scores"])}
    assert find_signature(known, "") is known["serving_default"]


@pytest.mark.parametrize(
    ("method", "inputs", "outputs", "code", "error"),
    [
        (classification, ["a", "b"], ["scores"], 3, "Expected one input Tensor."),
        (
            classification,
            ["inputs"],
            ["a", "b", "c"],
            3,
            "Expected one or two output Tensors, found 3",
        ),
        (classification, ["x"], ["scores"], 9, "No classification inputs found in"),
        (
            classification,
            ["inputs"],
            ["y"],
            9,
            "Expected classification signature outputs to contain at least one of "
            '"classes" or "scores".',
        ),
        (regression, ["a", "b"], ["outputs"], 3, "Expected one input Tensor."),
        (regression, ["inputs"], ["a", "b"], 3, "Expected one output Tensor."),
        (regression, ["x"], ["outputs"], 9, "No regression inputs found in"),
        (regression, ["inputs"], ["y"], 9, "No regression outputs found in"),
    ],
)
def test_signatures_that_do_not_fit_are_refused(method, inputs, outputs, code, error):
    with pytest.raises(StatusError) as caught:
        method.check_signature(signature(inputs, outputs, method))
    assert caught.value.code == code
    assert str(caught.value).startswith(error)


def test_signatures_that_fit_are_taken_with_any_method_name():
    classification.check_signature(signature(["inputs"], ["classes"], regression))
    classification.check_signature(signature(["inputs"], ["classes", "scores"]))
    regression.check_signature(signature(["inputs"], ["outputs"], classification))


def strings(rows):
    array = np.empty((len(rows), len(rows[0])), object)
    array[:] = rows
    return array


def test_classes_and_scores_become_pairs():
    outputs = {
        "classes": strings([[b"cat", b"dog"], [b"dog", b"cat"]]),
        "scores": np.float32([[0.9, 0.1], [np.nan, 1 / 3]]),
    }
    document = classification_document(classification_result(outputs, 2))
    assert document == (
        b'{"results":[[["cat",0.9],["dog",0.1]],[["dog",NaN],["cat",0.333333343]]]}'
    )
    only_scores = classification_result({"scores": outputs["scores"][:1]}, 1)
    assert json.loads(classification_document(only_scores)) == {
        "results": [[["", 0.9], ["", 0.1]]]
    }
    only_classes = classification_result({"classes": outputs["classes"][:1]}, 1)
    assert json.loads(classification_document(only_classes)) == {
        "results": [[["cat", 0.0], ["dog", 0.0]]]
    }


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_regressions_become_numbers(shape):
    outputs = {"outputs": np.float32([1, 2.5, np.inf]).reshape(shape)}
    document = regression_document(regression_result(outputs, 3))
    assert document == b'{"results":[1.0,2.5,Infinity]}'


ONE = np.float32([[1]])


@pytest.mark.parametrize(
    ("outputs", "error"),
    [
        (
            {"scores": np.float32([1])},
            "Expected Tensor shape: [batch_size num_classes] but got [1]",
        ),
        (
            {"scores": np.float64([[1]])},
            "Expected scores Tensor of DT_FLOAT. Got: DT_DOUBLE",
        ),
        ({"classes": ONE}, "Expected classes Tensor of DT_STRING. Got: DT_FLOAT"),
        (
            {"scores": np.float32([[1], [2]])},
            "Expected scores output batch size of 1. Got: 2",
        ),
        (
            {"scores": ONE, "classes": strings([[b"a", b"b"]])},
            "Tensors class and score should match in dim_size(1). Got 2 vs. 1",
        ),
    ],
)
def test_wrong_classifications_are_named(outputs, error):
    with pytest.raises(StatusError) as caught:
        classification_result(outputs, 1)
    assert (caught.value.code, str(caught.value)) == (Code.INVALID_ARGUMENT, error)


def test_a_label_that_is_no_text_is_an_error():
    with pytest.raises(StatusError, match="is not UTF-8") as caught:
        classification_result({"classes": strings([[b"\xff"]])}, 1)
    assert caught.value.code is Code.INTERNAL


@pytest.mark.parametrize(
    ("array", "error"),
    [
        (
            np.float32([[1, 2]]),
            "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] "
            "but got [1,2]",
        ),
        (
            np.float32([1, 2]),
            "Input batch size did not match output batch size: 1 vs. 2",
        ),
        (np.int64([1]), "Expected output Tensor of DT_FLOAT.  Got: DT_INT64"),
    ],
)
def test_wrong_regressions_are_named(array, error):
    with pytest.raises(StatusError) as caught:
        regression_result({"outputs": array}, 1)
    assert (caught.value.code, str(caught.value)) == (Code.INVALID_ARGUMENT, error)
