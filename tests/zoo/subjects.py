"""Subjects of reports that no training made."""

import json

import numpy as np

from zoo.datasets import Split
from zoo.datasets.dataset import Dataset
from zoo.reports.subject import Subject

HISTORY = {
    "accuracy": [0.5, 0.9, 1.0],
    "val_accuracy": [0.4, 0.7, 0.6],
    "loss": [1.0, 0.5, 0.25],
    "val_loss": [1.5, 0.75, 1.25],
    "seconds": [0.1, 0.1, 0.1],
}
RECIPE = {
    "dataset": "digits",
    "encoding": {},
    "optimizer": ["Adam", {"learning_rate": 0.01}],
    "loss": None,
    "batch_size": 32,
    "epochs": 3,
    "seed": 0,
}


def make_subject(
    folder, data, *, model=None, outputs=None, metrics=None, history=HISTORY, **config
):
    """A subject with these outputs, or those of a model."""
    config = {
        "name": "mlp",
        "task": data.task,
        "dataset": data.name,
        "monitor": "val_accuracy",
        "mode": "max",
        "recipe": RECIPE,
        "arguments": {},
        "command": "/usr/bin/python3 -m zoo train mlp",
        "devices": "the CPU",
        "versions": {"python": "3.11"},
    } | config
    if metrics:
        folder.mkdir(exist_ok=True)
        (folder / "metrics.json").write_text(json.dumps(metrics))
    classes = data.test.y if data.labels else None
    subject = Subject(folder, config, history, model, data, classes, data.labels)
    if outputs is not None:
        subject.__dict__["outputs"] = np.asarray(outputs, "float32")
    return subject


def classified(labels, shape=(6, 6, 1), name="toy", count=4, **parts):
    """Random samples, `count` of each class in each split."""
    generator = np.random.default_rng(0)
    y = np.tile(np.arange(len(labels)), count)
    x = generator.normal(size=(len(y), *shape)).astype("float32")
    split = Split(x, y)
    return Dataset(name, split, split, split, tuple(labels), **parts)


def texts_of(figure):
    """Every text that a figure shows, after it was drawn."""
    from matplotlib.text import Text

    figure.draw_without_rendering()
    return [t.get_text() for t in figure.findobj(Text) if t.get_text()]
