"""Model cards for the commands that show them."""

import json
from typing import Any


def card_of(name: str) -> dict[str, Any]:
    """Returns a model card, from the catalogue if it has one.

    Raises:
        UnknownNameError: If there is no such model.
    """
    import zoo
    from zoo import catalogue

    if name in catalogue.cards():
        return catalogue.cards()[name].copy()
    zoo.model_spec(name)
    return json.loads(json.dumps(zoo.model_card(name)))
