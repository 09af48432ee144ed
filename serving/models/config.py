"""Which models are served, from a `ModelServerConfig`."""

import logging
import posixpath
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from serving.errors import Code, ServingError, StatusError, invalid_argument
from serving.models.repository import ModelConfig, ModelFolder
from serving.models.version_policy import All, Latest, Specific, VersionPolicy
from serving.options import ServerOptions

if TYPE_CHECKING:
    from google.protobuf.message import Message

logger = logging.getLogger(__name__)

_CONFIG = "tensorflow.serving.ModelServerConfig"
_PLATFORM = "tensorflow"
_MODEL_TYPES = {1: _PLATFORM, 2: "other"}  # the deprecated way to say it


class Configuration:
    """The models that are asked for: by a base path, or by a `ModelServerConfig`.

    Args:
        options: Of the server.

    Attributes:
        labels: Version labels by model.
        logging: A serialized `LoggingConfig` by model; empty for none.

    Raises:
        ServingError: When the configuration cannot be read or is refused, or none is
            given.
    """

    def __init__(self, options: ServerOptions) -> None:
        self._allows_any_label = options.allow_version_labels_for_unavailable_models
        self._folder: ModelFolder | None = None
        self._models: list[ModelConfig] = []
        self.labels: dict[str, dict[str, int]] = {}
        self.logging: dict[str, bytes] = {}
        if options.model_config_file is not None:
            try:
                self.change(read_config(options.model_config_file), available=set())
            except StatusError as error:
                raise ServingError(
                    f"The model config file {options.model_config_file} is refused: "
                    f"{error}"
                ) from None
        elif options.model_base_path is not None:
            path = str(options.model_base_path)
            if "://" in path:
                raise ServingError(remote(path))
            self._folder = ModelFolder(path, options.model_name)
        else:
            raise ServingError(
                "There is nothing to serve. Give --model_base_path or "
                "--model_config_file."
            )

    def models(self) -> list[ModelConfig]:
        """Returns the models that are asked for now.

        Raises:
            OSError: When the folder of models cannot be read.
        """
        return self._models if self._folder is None else self._folder.models()

    def change(self, config: "Message", available: Collection[tuple[str, int]]) -> None:
        """Takes over another `ModelServerConfig`.

        Args:
            config: The new one; one without any choice changes nothing.
            available: Model and version of what can answer now: what labels may be
                given to, and others only if the options allow it and the label does not
                move.

        Raises:
            StatusError: When it is refused; then the old one stays.
        """
        if config.WhichOneof("config") is None:
            logger.info("Taking no action for empty config.")
            return
        models = models_of(config)
        check_platforms(self._models, models)
        for model in models:
            known = self.labels.get(model.name, {})
            for label, version in model.labels.items():
                is_new = known.get(label, version) == version
                if (model.name, version) not in available and not (
                    self._allows_any_label and is_new
                ):
                    raise StatusError(
                        Code.FAILED_PRECONDITION,
                        f"Request to assign label to version {version} of model "
                        f"{model.name}, which is not currently available for inference"
                        ". --allow_version_labels_for_unavailable_models lets a label "
                        "be given before its version is loaded, as at the start.",
                    )
        self._folder, self._models = None, models
        self.labels = {model.name: dict(model.labels) for model in models}
        self.logging = {model.name: model.logging_config for model in models}


def read_config(path: Path) -> "Message":
    """Reads a file of protobuf text.

    Raises:
        ServingError: When it cannot be read; with line and column.
    """
    from serving.protocol.messages import parse_text

    try:
        return parse_text(_CONFIG, path.read_bytes(), path)
    except OSError as error:
        raise ServingError(
            f"Cannot read the model config file {path}: {error.strerror}."
        ) from None


def parse_config(serialized: bytes) -> "Message":
    """Reads a serialized `ModelServerConfig`."""
    from serving.protocol.messages import message

    return message(_CONFIG).FromString(serialized)


def models_of(config: "Message") -> list[ModelConfig]:
    """Checks a `ModelServerConfig` as TensorFlow Serving does, and returns its models.

    Raises:
        StatusError: INVALID_ARGUMENT for a model that is listed twice, has no absolute
            base path or an unknown platform; UNIMPLEMENTED for a custom configuration.
    """
    if config.WhichOneof("config") == "custom_model_config":
        raise StatusError(
            Code.UNIMPLEMENTED, "ModelServer does not yet support custom model config."
        )
    models: dict[str, ModelConfig] = {}
    for each in getattr(config, "model_config_list").config:  # noqa: B009
        if each.name in models:
            raise invalid_argument(
                f"Illegal to list model {each.name} multiple times in config list"
            )
        models[each.name] = ModelConfig(
            each.name,
            base_path(each.name, each.base_path),
            _policy(each.model_version_policy),
            dict(each.version_labels),
            _platform(each),
            each.logging_config.SerializeToString()
            if each.HasField("logging_config")
            else b"",
        )
    return list(models.values())


def base_path(name: str, path: str) -> Path:
    """Returns the folder of a model's versions.

    Raises:
        StatusError: INVALID_ARGUMENT for one that is relative, or not of this machine.

    Example:

    >>> base_path("lenet5", "/models/lenet5").name
    'lenet5'
    """
    scheme = urlsplit(path).scheme if "://" in path else ""
    if scheme and scheme != "file":
        raise invalid_argument(remote(path))
    local = path.removeprefix("file://")
    if not posixpath.isabs(local):
        raise invalid_argument(
            f"Expected model {name} to have an absolute path or URI; got "
            f"base_path()={path}"
        )
    return Path(local)


def remote(path: str) -> str:
    """Says that a path is not one of this machine."""
    return (
        f"{path} is not a folder of this machine, and this server reads no other "
        "storage. Copy it or mount it, and give the local path."
    )


def check_platforms(old: list[ModelConfig], new: list[ModelConfig]) -> None:
    """Checks that no model changes its platform.

    Raises:
        StatusError: INVALID_ARGUMENT.
    """
    before = {model.name: model.platform for model in old}
    for model in new:
        platform = before.get(model.name, model.platform)
        if platform != model.platform:
            raise invalid_argument(
                f"Illegal to change a model's platform. For model {model.name} "
                f"platform was {platform} and new platform requested is "
                f"{model.platform}"
            )


def _policy(policy: Any) -> VersionPolicy:
    choice = policy.WhichOneof("policy_choice")
    if choice == "all":
        return All()
    if choice == "specific":
        return Specific(tuple(policy.specific.versions))
    # Zero is protobuf's default, and means one.
    return Latest(policy.latest.num_versions or 1)


def _platform(config: Any) -> str:
    platform = config.model_platform
    if config.model_type:
        if platform:
            raise invalid_argument(
                "Illegal setting both ModelServerConfig::model_type (deprecated) and "
                "ModelServerConfig::model_platform."
            )
        platform = _MODEL_TYPES.get(config.model_type, "")
    if not platform:
        raise invalid_argument(
            "Illegal setting neither ModelServerConfig::model_type (deprecated) nor "
            "ModelServerConfig::model_platform."
        )
    if platform != _PLATFORM:
        raise invalid_argument(
            f"Model {config.name} requests unsupported platform {platform}"
        )
    return platform
