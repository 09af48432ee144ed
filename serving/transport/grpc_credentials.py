"""How a gRPC server is secured and tuned: certificates and channel arguments."""

from pathlib import Path

import grpc

from serving.errors import ServingError
from serving.protocol.messages import parse_text


def server_credentials(path: Path) -> grpc.ServerCredentials:
    """Returns the credentials of an `SSLConfig` file, which holds keys in PEM.

    Raises:
        ServingError: When it cannot be read, or lacks a key.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ServingError(
            f"Cannot read {path}: {error.strerror}. Check --ssl-config-file."
        ) from None
    config = parse_text("tensorflow.serving.SSLConfig", data, path)
    for field in ("server_key", "server_cert"):
        if not getattr(config, field):
            raise ServingError(f"{path} has no {field}. Put the PEM text there.")
    if config.client_verify and not config.custom_ca:
        raise ServingError(
            f"{path} has client_verify and no custom_ca. Put the PEM text of the "
            "authority of the clients there."
        )
    return grpc.ssl_server_credentials(
        [(config.server_key.encode(), config.server_cert.encode())],
        root_certificates=config.custom_ca.encode() or None,
        require_client_auth=config.client_verify,
    )


def channel_arguments(text: str) -> list[tuple[str, int | str]]:
    """Reads `key=value,key=value`; a value that is a number becomes one.

    Raises:
        ServingError: For a part without `=`.

    Example:

    >>> channel_arguments("grpc.max_connection_age_ms=2000,grpc.lb_policy_name=grpclb")
    [('grpc.max_connection_age_ms', 2000), ('grpc.lb_policy_name', 'grpclb')]
    """
    arguments: list[tuple[str, int | str]] = []
    for part in filter(None, text.split(",")):
        key, separator, value = part.partition("=")
        if not separator:
            raise ServingError(
                f"--grpc-channel-arguments has {part!r}. Write key=value,key=value."
            )
        try:
            arguments.append((key, int(value)))
        except ValueError:
            arguments.append((key, value))
    return arguments
