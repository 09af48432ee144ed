"""The same weights give the same artifact, but for time stamps and the SavedModel."""

import json
import subprocess
import sys

import pytest

import export

# TensorFlow numbers the functions and layers of a process.
OF_THE_SAVED_MODEL = ("saved_model.pb", "fingerprint.pb", "variables/")


def content(folder):
    """The manifest without what may differ."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for key in ("created", "version", "sha256"):
        del manifest[key]
    manifest["files"] = {
        name: each
        for name, each in manifest["files"].items()
        if not name.startswith(OF_THE_SAVED_MODEL)
    }
    return manifest


def check(folder, other):
    assert json.dumps(content(folder)) == json.dumps(content(other))
    files = content(folder)["files"]
    assert {"model.onnx", "assets.extra/parity.npz"} <= files.keys()
    assert "assets.extra/tf_serving_warmup_requests" in files
    for name in files:
        assert (folder / name).read_bytes() == (other / name).read_bytes()


@pytest.mark.slow
def test_two_exports_of_one_process(tmp_path):
    one, other = (export.export_model("mlp.iris", tmp_path).path for _ in range(2))
    check(one, other)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vae.digits", "char_gru.tiny_shakespeare"])
def test_exports_of_two_processes(tmp_path, name):
    code = f"import export; export.export_model({name!r}, {str(tmp_path)!r})"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    check(tmp_path / name / "1", tmp_path / name / "2")
