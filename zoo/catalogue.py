"""Model cards of all models, without importing TensorFlow, which takes seconds.

`python -m zoo.results` writes `catalogue.json`. It is valid as long as no file below
`zoo/models` has changed since; models of users are not in it.
"""

import functools
import hashlib
import json
from pathlib import Path
from typing import Any

CATALOGUE = Path(__file__).with_name("catalogue.json")
MODELS = Path(__file__).with_name("models")


@functools.cache
def cards() -> dict[str, dict[str, Any]]:
    """Returns the model cards by name, as `zoo.model_card` makes them.

    Empty if the catalogue is missing, unreadable (such as after a merge conflict) or
    out of date; the models are then imported instead.

    Example:

    >>> cards()["lenet5.mnist"]["parameters"]
    61709
    """
    try:
        content = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content["models"] if content["sources"] == fingerprint() else {}


def fingerprint() -> str:
    """Returns the SHA-256 of the names and contents of the files below `zoo/models`."""
    digest = hashlib.sha256()
    for path in sorted(MODELS.rglob("*.py")):
        name = path.relative_to(MODELS).as_posix()
        digest.update(f"{name}\n{path.read_text(encoding='utf-8')}\n".encode())
    return digest.hexdigest()
