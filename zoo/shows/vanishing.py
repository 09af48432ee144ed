"""Vanishing gradients by activation and initializer (Glorot and Bengio, 2010)."""

from typing import Any

import numpy as np
from keras import ops

from custom_layers import Dense
from custom_layers.initializers import GlorotNormal, HeNormal, RandomNormal
from zoo.inference.explanations.differentiation import value_and_gradient
from zoo.reports.drawing import logarithmic, new_figure
from zoo.shows import Shown, register_show

LAYERS, UNITS, SAMPLES = 10, 100, 200
ACTIVATIONS = ("sigmoid", "tanh", "relu")
INITIALIZERS = {
    "normal, deviation 0.01": lambda seed: RandomNormal(stddev=0.01, seed=seed),
    "Glorot": lambda seed: GlorotNormal(seed=seed),
    "He": lambda seed: HeNormal(seed=seed),
}
TITLE = "Gradients through ten layers"


@register_show(
    "vanishing",
    title=TITLE,
    reading="How long the gradient of the output is at each layer of an untrained "
    "network of ten, on a logarithmic scale: it falls from the last layer to the "
    "first by a factor a layer, which the initializer and the slope of the activation "
    "decide, and only a flat line lets early layers learn.",
)
def vanishing() -> Shown:
    """Draws the length of the gradient at each layer of nine networks."""
    x = np.random.default_rng(0).normal(size=(SAMPLES, UNITS)).astype("float32")
    figure = new_figure(TITLE, f"{UNITS} units a layer, {SAMPLES} samples", 3.4)
    panels = figure.subplots(1, len(ACTIVATIONS), sharey=True)
    lengths: dict[str, dict[str, list[float]]] = {}
    for axes, activation in zip(panels, ACTIVATIONS, strict=True):
        lengths[activation] = {}
        for name, initializer in INITIALIZERS.items():
            found = gradient_lengths(activation, initializer, x)
            lengths[activation][name] = found
            axes.plot(range(1, LAYERS + 1), found, marker=".", label=name)
        axes.set_title(activation, fontsize=9)
        axes.set_xticks((1, 4, 7, 10))
    logarithmic(panels[0])  # and with it the others
    panels[1].set_xlabel("layer")
    panels[0].set_ylabel("root mean square of the gradient")
    handles = panels[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=3)
    ratios = {
        activation: {name: found[0] / found[-1] for name, found in each.items()}
        for activation, each in lengths.items()
    }
    return Shown(figure, {"lengths": lengths, "first_by_last": ratios})


def gradient_lengths(activation: str, initializer: Any, x: np.ndarray) -> list[float]:
    r"""Returns the length of the gradient at the output of each layer.

    .. math::

        \sqrt{\operatorname{mean} \Big( \frac{\partial}{\partial h_l}
            \frac{1}{\sqrt{n}} \sum_k h_{L, k} \Big)^2}

    Args:
        activation: Of all layers.
        initializer: Makes that of a kernel, by a seed.
        x: Samples, of shape `(samples, units)`.
    """
    layers = [
        Dense(UNITS, activation=activation, kernel_initializer=initializer(seed))
        for seed in range(LAYERS)
    ]
    outputs = [x]
    for layer in layers:
        outputs.append(np.asarray(layer(outputs[-1])))

    def tail(start: int, h: Any) -> Any:
        for layer in layers[start:]:
            h = layer(h)
        return ops.sum(h, axis=-1) / UNITS**0.5

    found = []
    for place, h in enumerate(outputs[1:], 1):
        _, gradient = value_and_gradient(lambda h, p=place: tail(p, h), h)
        found.append(float(np.sqrt(np.mean(np.square(gradient)))))
    return found
