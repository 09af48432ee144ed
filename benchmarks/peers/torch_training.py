"""Trains a model with PyTorch's own layers and Adam, in the usual eager loop.

Run by `benchmarks.peers.process` in `.venv-torch`, without the other packages.
"""

import numpy as np
import torch
from serve import serve
from torch import nn


class Gru(nn.Module):
    """The last output of a GRU."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(28, 128, batch_first=True)

    def forward(self, x):
        return self.gru(x)[0][:, -1]


def dense(widths, size, dropout=0.0):
    layers = []
    for width in widths:
        layers += [nn.Linear(size, width), nn.ReLU()]
        layers += [nn.Dropout(dropout)] * bool(dropout)
        size = width
    return nn.Sequential(*layers, nn.Linear(size, 10))


def lenet5():
    features = nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2)
    features += nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten()
    classes = nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh()
    return nn.Sequential(*features, *classes, nn.Linear(84, 10))


def gru():
    return nn.Sequential(Gru(), nn.Linear(128, 10))


class Training:
    """A model, its data and its optimizer.

    Args:
        model: `dense`, `lenet5` or `gru`.
        options: Its arguments.
        data: `x`, `y`, `test_x`, `test_y`.
        batch: Batch size.
        rate: Learning rate.
    """

    version = torch.__version__

    def __init__(self, model, options, data, batch, rate):
        torch.manual_seed(0)
        self.model = {"dense": dense, "lenet5": lenet5, "gru": gru}[model](**options)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=rate, eps=1e-7)
        self.batch = batch
        x, test_x = (self._input(model, data[key]) for key in ("x", "test_x"))
        self.x, self.y = x, torch.from_numpy(data["y"]).long()
        self.test = test_x, data["test_y"]

    @staticmethod
    def _input(model, x):
        scaled = torch.from_numpy(np.ascontiguousarray(x, "float32") / 255)
        return scaled.permute(0, 3, 1, 2).contiguous() if model == "lenet5" else scaled

    def train(self, epochs):
        self.model.train()
        for _ in range(epochs):
            for rows in torch.randperm(len(self.y)).split(self.batch):
                self.optimizer.zero_grad()
                logits = self.model(self.x[rows])
                nn.functional.cross_entropy(logits, self.y[rows]).backward()
                self.optimizer.step()

    def accuracy(self):
        x, y = self.test
        self.model.eval()
        with torch.no_grad():
            found = [self.model(part).argmax(-1).numpy() for part in x.split(256)]
        return float(np.mean(np.concatenate(found) == y))


if __name__ == "__main__":
    serve(Training)
