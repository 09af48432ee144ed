"""Manifests protect what is loaded."""

import hashlib
import json

import pytest

from serving.errors import ServingError
from serving.integrity import verify_files


@pytest.fixture
def version(tmp_path):
    """A version folder with a manifest of its two files."""
    (tmp_path / "variables").mkdir()
    contents = {"model.onnx": b"graph", "variables/data": b"weights"}
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    entries = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        for name, data in contents.items()
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"files": entries}))
    return tmp_path


def test_intact(version, tmp_path_factory):
    verify_files(version)
    verify_files(tmp_path_factory.mktemp("without_manifest"))


def test_changed_byte(version):
    (version / "variables" / "data").write_bytes(b"weighty")
    with pytest.raises(ServingError, match="variables/data does not match its sha256"):
        verify_files(version)


def test_missing_file(version):
    (version / "model.onnx").unlink()
    with pytest.raises(ServingError, match=r"is corrupt: model\.onnx is missing"):
        verify_files(version)


@pytest.mark.parametrize(
    "manifest", [b"{", b"\xff", b"[]", b"{}", b'{"files": 3}', b'{"files": {"a": 1}}']
)
def test_manifest_that_cannot_be_read(version, manifest):
    (version / "manifest.json").write_bytes(manifest)
    with pytest.raises(ServingError, match=r"manifest\.json cannot be read"):
        verify_files(version)
