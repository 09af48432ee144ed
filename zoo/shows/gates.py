"""Gates of an LSTM over a sentence (Hochreiter and Schmidhuber, 1997)."""

import keras
import numpy as np

from custom_layers import LSTM
from custom_layers.losses import SparseCategoricalCrossentropy
from custom_layers.optimizers import Adam
from zoo import tasks
from zoo.datasets import load_dataset
from zoo.inference.explanations.interception import numpy
from zoo.registry import create_model
from zoo.reports.drawing import new_figure
from zoo.reports.labels import token_label
from zoo.reports.pictures.gates import open_gates
from zoo.shows import Shown, register_show
from zoo.shows.learning import learn

UNITS, STEPS = 16, 300
TITLE = "Gates of an LSTM over a sentence"


@register_show(
    "gates",
    title=TITLE,
    reading="A column is a word of the sentence and a row a unit of an LSTM that "
    "learned to tell praise from blame, bright where its gate is open: the input gate "
    "lets a word into the cell, the forget gate keeps what is there, and the output "
    "gate shows it.",
)
def gates() -> Shown:
    """Trains an LSTM on sentences, and draws its gates over one of the test split."""
    keras.utils.set_random_seed(0)
    raw = load_dataset("toy_polarity")
    task = tasks.get("classification")
    data = task.encode(raw, {"length": 16})
    vocabulary = data.vocabulary
    assert vocabulary is not None
    options = {"embedding_size": 16, "units": UNITS, "embedding_dropout": 0.0}
    model = create_model("text_lstm", vocabulary_size=len(vocabulary), **options)
    loss = SparseCategoricalCrossentropy(from_logits=True)
    settings = {"optimizer": Adam(0.01), "steps": STEPS, "batch_size": 32}
    learn(model, data.train.x, data.train.y, loss=loss, **settings)
    answers = model.predict(data.test.x, batch_size=256, verbose=0)
    accuracy = float(np.mean(answers.argmax(axis=1) == data.test.y))
    longest = int((data.test.x > 0).sum(axis=1).argmax())
    tokens = vocabulary.decode(data.test.x[longest])
    x = data.test.x[longest : longest + 1, : len(tokens)]
    layer = next(each for each in model.layers if isinstance(each, LSTM))
    sequence = numpy(keras.Model(model.input, layer.input)(x))[0]
    found = open_gates(layer, sequence)
    label = data.labels[int(answers[longest].argmax())]
    about = f"text_lstm on toy_polarity, accuracy {accuracy:.0%}; answers {label}"
    figure = new_figure(TITLE, about, 1.6 * len(found) + 0.6)
    panels = figure.subplots(len(found), 1, sharex=True)
    for axes, (name, values) in zip(panels, found.items(), strict=True):
        axes.imshow(values.T, aspect="auto", vmin=0, vmax=1)
        axes.set_title(f"{name} gate", fontsize=9)
        axes.set(ylabel="unit", yticks=[])
    names = [token_label(token) for token in tokens]
    panels[-1].set_xticks(range(len(names)), names, rotation=60, fontsize=9)
    figure.colorbar(panels[0].images[0], ax=panels, label="0: closed, 1: open")
    values = {name: each.tolist() for name, each in found.items()}
    return Shown(figure, {"accuracy": accuracy, "tokens": tokens, "gates": values})
