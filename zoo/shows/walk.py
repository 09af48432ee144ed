"""A walk through the latent space of a variational autoencoder."""

import numpy as np

from zoo.datasets import load_dataset
from zoo.inference.autoencoders import decoder, encoder
from zoo.reports.drawing import new_figure, tiles
from zoo.runs.trained import trained
from zoo.shows import Shown, register_show

NAME = "vae.digits"
PAIRS = ((0, 1), (3, 8), (4, 9), (7, 2))
STEPS = 9
TITLE = "Walks through the latent space"


@register_show(
    "walk",
    title=TITLE,
    reading="Each row decodes points on the line between the codes of two digits, "
    "from the first (0) to the second (1): the pictures between them are digits or "
    "nearly so, in the order in which the code changes, although no such picture was "
    "ever encoded.",
)
def walk() -> Shown:
    """Encodes two digits a row, and decodes what lies between."""
    model = trained(NAME).model
    test = load_dataset("digits").test
    ends = np.stack([[test.x[test.y == k][0] for k in pair] for pair in PAIRS])
    shape = ends.shape[2:]
    encode, decode = encoder(model), decoder(model)
    codes = encode.predict(ends.reshape(-1, *shape), verbose=0)["code"]
    codes = codes.reshape(len(PAIRS), 2, -1)
    way = np.linspace(0, 1, STEPS, dtype="float32")[:, np.newaxis]
    line = np.concatenate([(1 - way) * a + way * b for a, b in codes])
    images = decode.predict(line, verbose=0)["reconstruction"]
    figure = new_figure(TITLE, NAME, 0.75 * len(PAIRS) + 0.4)
    grid = tiles(figure, images, columns=STEPS, vmin=0, vmax=1)
    for axes, (first, second) in zip(grid[:, 0], PAIRS, strict=True):
        axes.set_ylabel(f"{first} to {second}", fontsize=9)
    for axes, share in zip(grid[-1], way[:, 0], strict=True):
        axes.set_xlabel(f"{share:.2g}")
    rows = images.reshape(len(PAIRS), STEPS, -1)
    steps = np.sqrt(np.square(np.diff(rows, axis=1)).mean(axis=-1))
    return Shown(figure, {"pairs": PAIRS, "changes": steps.tolist()})
