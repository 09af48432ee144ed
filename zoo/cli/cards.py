"""Model cards for the commands that show them."""

import json
from pathlib import Path
from typing import Any


def card_of(name: str) -> dict[str, Any]:
    """Returns a model card, from the catalogue if it has one.

    Raises:
        UnknownNameError: If there is no such model.
        ArgumentError: If it is a path.
    """
    import zoo
    from zoo import catalogue
    from zoo.errors import ArgumentError

    if name in catalogue.cards():
        return catalogue.cards()[name].copy()
    if name not in zoo.list_models() and Path(name).exists():
        raise ArgumentError(
            f"{name} is a path; cards are of the models of `zoo list`. `zoo runs "
            f"{name}` shows runs, `zoo inspect {name}` a model file."
        )
    zoo.model_spec(name)
    return json.loads(json.dumps(zoo.model_card(name)))
