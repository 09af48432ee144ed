"""Pooling and the corner: weight sharing makes a place not matter (LeCun, 1989)."""

import keras
import numpy as np

from zoo.inference.explanations.interception import numpy, recorded
from zoo.reports.drawing import new_figure
from zoo.runs.trained import trained
from zoo.shows import Shown, register_show

MODELS = {"corner_cnn.corners": "convolution", "corner_mlp.corners": "dense layer"}
SEEN = {(0, 0), (0, 2), (1, 1), (2, 0), (2, 2)}  # places of the training split
PLACES = [(row, column) for row in range(3) for column in range(3)]
COPIES, NOISE = 40, 0.1
TITLE = "Pooling, and the corner that may stand anywhere"


@register_show(
    "pooling",
    title=TITLE,
    reading="Above, one corner at three places, the map of the filter that finds it, "
    "and the maximum over the map, which is the same for all of them; below, how "
    "often each trained model is right at each of the nine places, of which training "
    "showed those with a ring: the dense layer has learned places, the convolution "
    "the corner.",
)
def pooling() -> Shown:
    """Draws maps and pooled values, and the accuracy at each place of both models."""
    figure = new_figure(TITLE, "corner_cnn.corners and corner_mlp.corners", 6.6)
    parts = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.3, 1))
    above, below = parts[:, 0]
    pooled = _draw_maps(above)
    accuracies = {}
    panels = below.subplots(1, 2)
    for axes, (name, kind) in zip(panels, MODELS.items(), strict=True):
        model = trained(name).model
        found = np.array([accuracy(model, place) for place in PLACES]).reshape(3, 3)
        accuracies[name] = found.tolist()
        axes.imshow(found, vmin=0, vmax=1, cmap="RdYlGn")
        for row, column in PLACES:
            axes.text(
                column, row, f"{found[row, column]:.0%}", ha="center", va="center"
            )
        seen = np.array(sorted(SEEN))
        style = {"facecolors": "none", "edgecolors": "black"}
        axes.scatter(seen[:, 1], seen[:, 0], s=900, **style)
        axes.set(xticks=[], yticks=[])
        axes.set_title(f"accuracy, {kind}", fontsize=9)
    below.colorbar(panels[0].images[0], ax=panels)
    return Shown(figure, {"pooled": pooled, "accuracy": accuracies})


def picture(place: tuple[int, int], *, is_corner: bool = True) -> np.ndarray:
    """Returns the corner, or the same turned by 180 degrees, without noise."""
    image = np.zeros((4, 4, 1), "float32")
    row, column = place
    pattern = ((1, 1), (1, 0)) if is_corner else ((0, 1), (1, 1))
    image[row : row + 2, column : column + 2, 0] = pattern
    return image


def accuracy(model: keras.Model, place: tuple[int, int]) -> float:
    """Returns how often a model is right about noisy pictures of one place."""
    generator = np.random.default_rng(0)
    y = np.arange(2 * COPIES) % 2
    x = np.stack([picture(place, is_corner=bool(k)) for k in y])
    x = x + generator.normal(0, NOISE, x.shape).astype("float32")
    return float(np.mean(numpy(model(x)).argmax(axis=1) == y))


def _draw_maps(figure) -> list[float]:  # noqa: ANN001
    """Draws corner, map and maximum at three places; returns the maxima."""
    model = trained("corner_cnn.corners").model
    convolution = next(each for each in model.layers if hasattr(each, "kernel"))
    places = [(0, 0), (1, 1), (1, 2)]
    x = np.stack([picture(place) for place in places])
    with recorded(convolution) as outputs:
        model(x)
    maps = numpy(outputs[convolution.name][0])
    # The filter that speaks most for the corner.
    weights = numpy(model.get_layer("logits").kernel)
    best = int(
        (maps.max(axis=(1, 2)).mean(axis=0) * (weights[:, 1] - weights[:, 0])).argmax()
    )
    grid = figure.subplots(2, 3)
    pooled = [float(each.max()) for each in maps[..., best]]
    for k in range(3):
        grid[0, k].imshow(x[k, ..., 0], cmap="gray", vmin=0, vmax=1)
        grid[1, k].imshow(maps[k, ..., best], cmap="inferno", vmin=0, vmax=max(pooled))
        grid[1, k].set_title(f"maximum {pooled[k]:.2f}", fontsize=9)
    grid[0, 0].set_ylabel("picture")
    grid[1, 0].set_ylabel("feature map")
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
    return pooled
