"""schemathesis over the OpenAPI description finds nothing."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import serving
from serving.models.samples import FILE

CONFIG = """
[[operations]]
# TensorFlow Serving answers a wrong method with 400.
include-path-regex = "^/v1/"
checks.unsupported_method.enabled = false

[[operations]]
# JSON Schema cannot say that `data` has as many elements as `shape`.
include-path-regex = "/infer$"
checks.positive_data_acceptance.enabled = false
{more}
"""
# JSON Schema takes 1.0 for an integer, TensorFlow Serving does not; it cannot say that
# two inputs have the same number of rows, or that base64 is that of a text, as ONNX
# needs it.
BEYOND_SCHEMAS = """
[[operations]]
include-path-regex = "/models/(counter|pair|text)"
checks.positive_data_acceptance.enabled = false

[[operations]]
# The softmax of an image of 1e300 is NaN, which is no number to JSON Schema.
include-path-regex = "/v1/models/image.*:predict"
checks.response_schema_conformance.enabled = false
checks.unsupported_method.enabled = false
"""


def run(url, folder, more="", examples=10):
    (folder / "schemathesis.toml").write_text(CONFIG.format(more=more))
    command = [
        *(Path(sys.executable).with_name("schemathesis"), "--config-file"),
        *("schemathesis.toml", "run", f"{url}/openapi.json", "--no-color"),
        *("--seed", "1", "-n", str(examples), "--generation-database", "none"),
    ]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder)


@pytest.mark.slow
def test_models_of_floats_integers_and_strings(server, tmp_path):
    if server.engine == "tensorflow":
        pytest.skip("the same protocol, and slower")
    found = run(server.url, tmp_path, BEYOND_SCHEMAS)
    assert found.returncode == 0, found.stdout[-5000:]


@pytest.mark.slow
def test_a_wrong_description_would_be_found(tmp_path, write_scale_model, monkeypatch):
    from serving.protocol.openapi import responses

    wrong = responses.closed({"live": {"const": "yes"}})
    monkeypatch.setitem(responses.SCHEMAS, "Live", wrong)
    base = tmp_path / "models" / "scale"
    base.mkdir(parents=True)
    write_scale_model(base / "1", 2)
    (base / "1" / FILE).parent.mkdir()
    np.savez(base / "1" / FILE, **{"serving_default/0/input/x": np.float32([1, 2])})
    with serving.Server(base, rest_api_port=0, engine="onnx") as server:
        found = run(server.url, tmp_path, examples=2)
    assert found.returncode == 1
    assert "'yes'" in found.stdout or '"yes"' in found.stdout
