"""Signatures of artifacts, by a key, without a network.

The signature covers every file of the version folder, the manifest included, but
neither empty folders nor the place of the version folder. It is a bundle of OpenSSF's
`model-signing`, so its command verifies it, too:

```shell
openssl ecparam -genkey -name prime256v1 -noout -out zoo.key
openssl ec -in zoo.key -pubout -out zoo.pub
```
"""

from pathlib import Path
from typing import Any

from export.errors import ExportError
from export.manifest import SIGNATURE

_MAKE_A_KEY = "openssl ecparam -genkey -name prime256v1 -noout -out zoo.key"


class SignatureError(ExportError):
    """An artifact that is not signed, or not what was signed; or an unusable key."""


def sign(folder: Path, key: Path) -> None:
    """Signs all files of an artifact; writes `model.sig` into it.

    Args:
        folder: Of the artifact, complete.
        key: A private key on an elliptic curve (P-256, P-384 or P-521) as PEM.

    Raises:
        SignatureError: If the key cannot sign, or the extra `sign` is not installed.

    Reference:
        OpenSSF Model Signing, https://github.com/sigstore/model-transparency
    """
    config = _signer(key).set_hashing_config(_hashing())
    config.sign(folder, folder / SIGNATURE)


def check_key(key: Path) -> None:
    """Raises a `SignatureError` if `sign` could not use the key."""
    _signer(key)


def check(folder: Path, key: Path) -> None:
    """Checks that an artifact is byte for byte what was signed.

    Args:
        folder: Of the artifact.
        key: The public key as PEM.

    Raises:
        SignatureError: If a file was changed, added or removed since, another key
            signed, there is no signature, or the extra `sign` is not installed.
    """
    config = _model_signing().verifying.Config().set_hashing_config(_hashing())
    try:
        config.use_elliptic_key_verifier(public_key=key)
    except (OSError, ValueError, AttributeError) as error:
        raise SignatureError(
            f"{key} cannot be used ({_reason(error)}); give the public key: "
            "openssl ec -in zoo.key -pubout -out zoo.pub"
        ) from error
    if not (folder / SIGNATURE).is_file():
        raise SignatureError(
            f"{folder} has no {SIGNATURE}; export it with `zoo export --sign KEY`."
        )
    try:
        config.verify(folder, folder / SIGNATURE)
    except Exception as error:  # the library raises anything on a forged bundle
        raise SignatureError(
            f"{folder} is not what the owner of {key} signed: {_reason(error)}"
        ) from error


def _signer(key: Path) -> Any:
    config = _model_signing().signing.Config()
    try:
        return config.use_elliptic_key_signer(private_key=key)
    except (OSError, TypeError, ValueError, AttributeError) as error:
        raise SignatureError(
            f"{key} cannot sign ({_reason(error)}); make a key: {_MAKE_A_KEY}"
        ) from error


def _hashing() -> Any:
    hashing = _model_signing().hashing.Config().use_file_serialization()
    return hashing.set_ignored_paths(paths=[SIGNATURE], ignore_git_paths=False)


def _model_signing() -> Any:
    try:
        import model_signing
    except ImportError as error:
        raise SignatureError(
            f"Signing needs the extra `sign` ({error.name} is missing): "
            'pip install "keras-serving-zoo[sign]"'
        ) from error
    return model_signing


def _reason(error: Exception) -> str:
    text = str(error).rstrip(".") or "the signature does not fit"
    return f"{type(error).__name__}: {text}"
