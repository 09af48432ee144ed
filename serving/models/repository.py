"""Finds models and their versions on disk."""

import dataclasses
import logging
import re
from collections.abc import Mapping
from pathlib import Path

from serving.models.version_policy import Latest, VersionPolicy

logger = logging.getLogger(__name__)

_VERSION = re.compile(r"[0-9]{1,19}")
_LARGEST_VERSION = 2**63 - 1


@dataclasses.dataclass(frozen=True)
class ModelConfig:
    """A model that is to be served.

    Args:
        name: What requests call it.
        base_path: The folder of its versions. It need not be there yet.
        policy: Which of its versions are served.
        labels: Version labels.
        platform: The `model_platform` of a configuration.
        logging_config: A serialized `LoggingConfig`; empty without one.
    """

    name: str
    base_path: Path
    policy: VersionPolicy = dataclasses.field(default_factory=Latest)
    labels: Mapping[str, int] = dataclasses.field(default_factory=dict)
    platform: str = "tensorflow"
    logging_config: bytes = b""


class ModelFolder:
    """The models under a base path, as `--model-base-path` names it.

    Args:
        base_path: Either one model, a folder of integer versions (TensorFlow
            Serving's `model_base_path`), or a folder of such folders. It need not be
            there yet.
        model_name: The name of the one model, or which of several to serve.
    """

    def __init__(self, base_path: str | Path, model_name: str | None = None) -> None:
        # Not resolved: a link may be pointed elsewhere while the server runs.
        self.base_path = Path(base_path).absolute()
        self.model_name = model_name
        self._is_one_model = False
        self._models: set[Path] = set()
        self._unreadable: set[Path] = set()

    def models(self) -> list[ModelConfig]:
        """Returns the models that are there now.

        Raises:
            OSError: When the folder cannot be read.
        """
        self._is_one_model = self._is_one_model or bool(find_versions(self.base_path))
        if self._is_one_model:
            name = self.model_name or self.base_path.name
            return [ModelConfig(name, self.base_path)]
        return [
            ModelConfig(path.name, path)
            for path in sorted(self.base_path.iterdir())
            if self.model_name in (None, path.name) and self._is_model(path)
        ]

    def _is_model(self, path: Path) -> bool:
        """Whether a folder has versions; one that cannot be read is what it was.

        A volume may have its `lost+found`, which is root's: the models go on.
        """
        try:
            is_model = path.is_dir() and bool(find_versions(path))
        except OSError as error:
            if path not in self._unreadable:
                logger.warning("Cannot read %s: %s.", path, error.strerror)
            self._unreadable.add(path)
            return path in self._models
        self._unreadable.discard(path)
        (self._models.add if is_model else self._models.discard)(path)
        return is_model


def find_versions(model_path: Path) -> dict[int, Path]:
    """Returns the version folders of a model; other names are ignored.

    Raises:
        OSError: When the folder cannot be read.
    """
    return {
        int(path.name): path
        for path in model_path.iterdir()
        if _VERSION.fullmatch(path.name)
        and int(path.name) <= _LARGEST_VERSION
        and path.is_dir()
    }


def fingerprint(version_path: Path) -> tuple:
    """Returns a value that changes when a file in the folder does."""
    return tuple(
        (str(path), stat.st_mtime_ns, stat.st_size)
        for path in sorted(version_path.rglob("*"))
        if (stat := path.stat())
    )
