"""Finds models and their versions on disk."""

import re
from pathlib import Path

from serving.errors import ServingError
from zoo.errors import suggestion

_VERSION = re.compile(r"[0-9]{1,19}")


class ModelRepository:
    """The folder that a server watches.

    Args:
        base_path: Either one model, a folder of integer versions (TensorFlow
            Serving's `model_base_path`), or a folder of such folders.
        model_name: The name of the one model, or which of several to serve.

    Raises:
        ServingError: When there is no such folder, model or version.
    """

    def __init__(self, base_path: str | Path, model_name: str | None = None) -> None:
        # Not resolved: a link may be pointed elsewhere while the server runs.
        self.base_path = Path(base_path).absolute()
        if not self.base_path.is_dir():
            raise ServingError(
                f"Model base path {self.base_path} is not a directory. "
                "Export a model there first."
            )
        self._model_name = model_name
        try:
            self._single = bool(find_versions(self.base_path))
            self._check_not_empty()
        except OSError as error:
            raise ServingError(
                f"Cannot read {error.filename}: {error.strerror}. "
                "Check its permissions."
            ) from None

    def find_models(self) -> dict[str, Path]:
        """Returns the folder of each model that has a version now."""
        if self._single:
            found = {self._model_name or self.base_path.name: self.base_path}
        else:
            found = {
                path.name: path
                for path in sorted(self.base_path.iterdir())
                if path.is_dir() and self._model_name in (None, path.name)
            }
        return {name: path for name, path in found.items() if find_versions(path)}

    def _check_not_empty(self) -> None:
        if self.find_models():
            return
        name, self._model_name = self._model_name, None
        known = self.find_models()
        if name is not None and known:
            raise ServingError(
                f"No model {name!r} under {self.base_path}."
                f"{suggestion(name, known)} Name one of them, or export {name!r} there."
            )
        raise ServingError(
            f"No models under {self.base_path}. Expected folders with integer names, "
            "MODEL/1 or 1. Export a model there first."
        )


def find_versions(model_path: Path) -> dict[int, Path]:
    """Returns the version folders of a model; other names are ignored."""
    return {
        int(path.name): path
        for path in model_path.iterdir()
        if _VERSION.fullmatch(path.name) and path.is_dir()
    }


def fingerprint(version_path: Path) -> tuple:
    """Returns a value that changes when a file in the folder does."""
    return tuple(
        (str(path), stat.st_mtime_ns, stat.st_size)
        for path in sorted(version_path.rglob("*"))
        if (stat := path.stat())
    )
