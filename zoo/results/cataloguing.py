"""The content of `zoo/catalogue.json`, made from the models themselves."""

import json
from typing import Any

import keras

from zoo import catalogue
from zoo.files import replacing
from zoo.inference.card import model_card
from zoo.registry import SPECS


def write_catalogue() -> None:
    """Writes the card of each model of the package, one a line."""
    lines = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(card)}" for name, card in make_cards().items()
    )
    sources = json.dumps(catalogue.fingerprint())
    with replacing(catalogue.CATALOGUE) as part:
        part.write_text(
            f'{{"sources": {sources},\n"models": {{\n{lines}\n}}}}\n', encoding="utf-8"
        )


def make_cards() -> dict[str, dict[str, Any]]:
    """Builds each model of the package, and returns its card as JSON has it."""
    cards = {}
    for spec in SPECS:
        if spec.builder.__module__.startswith("zoo.models."):
            # Keras numbers the layers of a process; here each model begins anew.
            keras.utils.clear_session(free_memory=False)
            cards[spec.name] = json.loads(json.dumps(model_card(spec.name)))
    return cards
