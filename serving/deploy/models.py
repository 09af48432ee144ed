"""The models of a folder, as far as a deployment names them."""

import dataclasses
from pathlib import Path

from serving.errors import ServingError
from serving.models.repository import find_versions

SAVED_MODEL = "saved_model.pb"


@dataclasses.dataclass(frozen=True)
class DeployedModel:
    """A model of a folder.

    Args:
        name: The name that clients use, which is that of its folder.
        versions: The versions there are.
        has_saved_model: Whether each version has one, which TensorFlow Serving needs.
    """

    name: str
    versions: tuple[int, ...]
    has_saved_model: bool


def read_models(base_path: Path) -> list[DeployedModel]:
    """Reads the models of a folder of models.

    Raises:
        ServingError: When there are none.
    """
    found = []
    for path in sorted(base_path.iterdir()) if base_path.is_dir() else []:
        versions = find_versions(path) if path.is_dir() else {}
        if versions:
            has = all((each / SAVED_MODEL).is_file() for each in versions.values())
            model = DeployedModel(path.name, tuple(sorted(versions)), has)
            found.append(model)
    if not found:
        raise ServingError(
            f"There are no models under {base_path}. Expected folders MODEL/1; export "
            "a model there first: `zoo export lenet5.mnist`."
        )
    return found
