"""The signatures of exported models, asked for by name over a socket."""

import base64
import io

import numpy as np
import pytest
import requests
import tensorflow as tf
from PIL import Image

import export
import serving
import zoo

MODEL = "lenet5.digits"


ENGINES = pytest.mark.parametrize("ask", ["tensorflow", "onnx"], indirect=True)
TENSORFLOW = pytest.mark.parametrize("ask", ["tensorflow"], indirect=True)


@pytest.fixture(scope="module")
def ask(request, tmp_path_factory):
    base = tmp_path_factory.mktemp("models")
    export.export_model(MODEL, base)
    with (
        serving.Server(base, rest_api_port=0, engine=request.param) as running,
        requests.Session() as session,
    ):
        session.trust_env = False
        url = f"{running.url}/v1/models/{MODEL}:predict"

        def post(signature, **body):
            document = {"signature_name": signature, **body}
            response = session.post(url, json=document)
            assert response.status_code == 200, response.text
            return response.json()

        yield post


@pytest.fixture(scope="module")
def digits():
    return zoo.load_dataset("digits").test.x[:3]


@pytest.fixture(scope="module")
def logits(digits):
    return zoo.create_model(MODEL, pretrained=True).predict(digits, verbose=0)


def as_base64(data):
    return {"b64": base64.b64encode(data).decode()}


def png(digit):
    file = io.BytesIO()
    pixels = (digit.squeeze() * 15.9375).round().astype("uint8")
    Image.fromarray(pixels, "L").save(file, "PNG")
    return as_base64(file.getvalue())


@TENSORFLOW
def test_image_files(ask, digits, logits):
    found = ask("serve_bytes", instances=[png(digit) for digit in digits])
    classes = [each["class_ids"] for each in found["predictions"]]
    assert classes == logits.argmax(axis=1).tolist()
    named = ask("serve_bytes", inputs={"image_bytes": [png(d) for d in digits]})
    np.testing.assert_allclose(
        named["outputs"]["probabilities"], tf.nn.softmax(logits), atol=0.02
    )


@ENGINES
def test_logits_and_labels(ask, digits, logits):
    images = digits.tolist()
    found = ask("logits", instances=images)["predictions"]
    np.testing.assert_allclose(found, logits, atol=1e-4)
    named = ask("labels", instances=images)["predictions"]
    expected = [str(number) for number in logits.argmax(axis=1)]
    assert [each["labels"] for each in named] == expected


@TENSORFLOW
def test_records(ask, digits, logits):
    values = tf.train.FloatList(value=digits[0].ravel())
    features = {"image": tf.train.Feature(float_list=values)}
    record = tf.train.Example(features=tf.train.Features(feature=features))
    serialized = as_base64(record.SerializeToString())
    (found,) = ask("classify", instances=[serialized])["predictions"]
    best = found["classes"][int(np.argmax(found["scores"]))]
    assert best == str(logits[0].argmax())
