"""Signatures by a key of openssl: one changed byte of an artifact fails."""

import shutil
import socket
import subprocess

import pytest

import export
from export import manifest, publishing, signing
from export.signing import SignatureError


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Pairs of keys, made as the documentation says."""
    folder = tmp_path_factory.mktemp("keys")
    for name, curve in (("mine", "prime256v1"), ("other", "secp384r1")):
        key, public = folder / f"{name}.key", folder / f"{name}.pub"
        openssl("ecparam", "-genkey", "-name", curve, "-noout", "-out", key)
        openssl("ec", "-in", key, "-pubout", "-out", public)
    return folder


@pytest.fixture(scope="module")
def signed(published, keys, tmp_path_factory):
    """A signed artifact, published as the export does it; tests copy it."""
    base = tmp_path_factory.mktemp("signed")
    content = manifest.read(published.path)
    with publishing.staging(base, "lenet5") as folder:
        shutil.copytree(published.path, folder, dirs_exist_ok=True)
        key = keys / "mine.key"
        path, _ = publishing.publish(folder, base, "lenet5", None, content, sign=key)
    return path


@pytest.fixture
def copy(signed, tmp_path):
    return shutil.copytree(signed, tmp_path / "lenet5/1")


def test_what_was_signed_is_verified(copy, keys):
    assert (copy / "model.sig").is_file()
    assert export.verify(copy, key=keys / "mine.pub") == export.verify(copy)
    assert "model.sig" not in manifest.read(copy)["files"]


def test_no_network_is_needed(copy, keys, monkeypatch):
    def connect(*arguments):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "socket", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)
    signing.sign(copy, keys / "mine.key")
    signing.check(copy, keys / "mine.pub")


def test_one_changed_byte_of_any_file_fails(copy, keys):
    paths = [path for path in copy.rglob("*") if path.is_file()]
    assert len(paths) > 6
    for path in paths:
        content = path.read_bytes()
        # Behind the middle: in a signature itself it is part of what was signed.
        changed = bytearray(content)
        changed[len(content) // 2] ^= 1
        path.write_bytes(changed)
        with pytest.raises(SignatureError, match="is not what the owner of .*mine.pub"):
            export.verify(copy, key=keys / "mine.pub")
        path.write_bytes(content)
    export.verify(copy, key=keys / "mine.pub")


def test_an_added_and_a_removed_file_fail(copy, keys):
    added = copy / ".gitignore"
    added.write_text("added")
    with pytest.raises(SignatureError, match="gitignore"):
        export.verify(copy, key=keys / "mine.pub")
    added.unlink()
    (copy / "assets.extra/tf_serving_warmup_requests").unlink()
    with pytest.raises(SignatureError, match="tf_serving_warmup_requests"):
        export.verify(copy, key=keys / "mine.pub")


def test_a_renamed_file_fails(copy, keys):
    (copy / "fingerprint.pb").rename(copy / "fingerprint2.pb")
    with pytest.raises(SignatureError, match="fingerprint"):
        export.verify(copy, key=keys / "mine.pub")


def test_another_key_fails(copy, keys):
    with pytest.raises(SignatureError, match="Key mismatch"):
        export.verify(copy, key=keys / "other.pub")


def test_a_signature_of_another_artifact_fails(copy, published, keys, tmp_path):
    other = shutil.copytree(published.path, tmp_path / "other")
    (other / "notes.txt").write_text("another one")
    signing.sign(other, keys / "mine.key")
    shutil.copy(other / "model.sig", copy)
    with pytest.raises(SignatureError, match=r"notes\.txt"):
        export.verify(copy, key=keys / "mine.pub")


def test_an_artifact_without_a_signature_fails_if_a_key_is_given(published, keys):
    with pytest.raises(
        SignatureError, match="has no model.sig; export it with `zoo exp"
    ):
        export.verify(published.path, key=keys / "mine.pub")


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"mediaType": "x"}'])
def test_a_signature_that_is_none_fails(copy, keys, content):
    (copy / "model.sig").write_bytes(content)
    with pytest.raises(SignatureError, match="is not what the owner of") as error:
        export.verify(copy, key=keys / "mine.pub")
    assert "\n" not in str(error.value)


def test_keys_that_cannot_be_used(copy, keys, tmp_path):
    edwards = tmp_path / "edwards.key"
    openssl("genpkey", "-algorithm", "ed25519", "-out", edwards)
    locked = tmp_path / "locked.key"
    openssl(
        *("ec", "-in", keys / "mine.key", "-aes256", "-passout", "pass:x"),
        *("-out", locked),
    )
    (tmp_path / "text.key").write_text("no key")
    for key in (edwards, locked, tmp_path / "text.key", tmp_path / "gone.key"):
        with pytest.raises(
            SignatureError, match=r"cannot sign \(.*make a key: openssl"
        ):
            signing.check_key(key)
        with pytest.raises(SignatureError, match="cannot be used .*openssl ec -in"):
            signing.check(copy, key)
    with pytest.raises(SignatureError, match="cannot be used"):
        signing.check(copy, keys / "mine.key")  # private where the public one belongs
    with pytest.raises(SignatureError, match="cannot sign"):
        signing.check_key(keys / "mine.pub")


def test_its_own_command_verifies_it(copy, keys):
    """The signature is one of model-signing, which others may have instead of us."""
    import model_signing

    config = model_signing.verifying.Config()
    config.use_elliptic_key_verifier(public_key=keys / "mine.pub")
    config.verify(copy, copy / "model.sig")


def test_without_the_extra_it_says_how_to_get_it(copy, keys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "model_signing", None)
    with pytest.raises(
        SignatureError, match=r'pip install "keras-serving-zoo\[sign\]"'
    ):
        signing.check(copy, keys / "mine.pub")
