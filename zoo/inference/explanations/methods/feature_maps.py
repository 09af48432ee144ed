"""Feature maps of the convolutions."""

import numpy as np

from zoo.inference.explanations.explanation import Explanation
from zoo.inference.explanations.interception import numpy, recorded
from zoo.inference.explanations.model_case import ModelCase

TITLE = "Feature maps"
READING = (
    "What each convolution and pooling makes of the sample, map by map, red where it "
    "is above zero and blue where it is below: early maps are still pictures of the "
    "sample, late ones say where something was found."
)
ORDER = 90
NEEDS_MODEL = True
SUBJECTS = "models of pictures or sounds with convolutions"
LAYERS, MAPS = 6, 16


def explain(case: ModelCase) -> Explanation | None:
    """Returns the outputs of layers that have maps, of 6 layers and 16 maps at most."""
    if case.kind not in ("pictures", "sounds"):
        return None
    layers = [
        layer
        for layer in case.model._flatten_layers(include_self=False)
        if any(part in type(layer).__name__ for part in ("Conv2D", "Pooling2D"))
        and "Global" not in type(layer).__name__
    ]
    if not layers:
        return None
    places = np.linspace(0, len(layers) - 1, min(LAYERS, len(layers))).round()
    chosen = [layers[int(place)] for place in places]
    with recorded(*chosen) as outputs:
        case.model(case.sample, training=False)
    images = {
        name: np.moveaxis(numpy(found[0])[0], -1, 0)[:MAPS, ..., np.newaxis]
        for name, found in outputs.items()
    }
    return Explanation(images=images)
