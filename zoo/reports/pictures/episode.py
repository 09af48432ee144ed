"""An episode that an agent plays, step by step."""

import numpy as np
from matplotlib.figure import Figure

from zoo import tasks
from zoo.environments import Trajectory, episode_seeds, record
from zoo.reports.drawing import new_figure, tiles
from zoo.reports.labels import label
from zoo.reports.subject import Subject

TITLE = "An episode"
READING = (
    "The first episode of the test, played greedily: what the agent observes before "
    "each step, and the action that it takes (of pictures the first steps)."
)
ORDER = 13
_FRAMES = 16
_CURVES = 8  # numbers of an observation that are told apart
_MOST_MARKS = 60  # actions that are drawn as points of their own


def draw(subject: Subject) -> Figure | None:
    """Draws what is observed, and what is done."""
    policy, environment = tasks.get(subject.task).policy, subject.data.environment
    if policy is None or environment is None:
        return None
    (seed,) = episode_seeds("test", 1)
    played = record(policy(subject.model), environment, seed)
    title = f"{TITLE}: return {played.rewards.sum():.4g} in {len(played.actions)} steps"
    labels = subject.data.labels
    if subject.has_images:
        return _frames(played, labels, title, subject.title)
    return _curves(played, labels, title, subject.title)


def _frames(
    played: Trajectory, labels: tuple[str, ...], title: str, about: str
) -> Figure:
    images = played.observations[:_FRAMES]
    rows = -(-len(images) // 4)
    figure = new_figure(title, about, 1.6 * rows)
    names = [label(labels[k], 12) for k in played.actions[: len(images)]]
    tiles(figure, images, names, columns=4)
    return figure


def _curves(
    played: Trajectory, labels: tuple[str, ...], title: str, about: str
) -> Figure:
    figure = new_figure(title, about, 5.0)
    observed, done = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    flat = played.observations.reshape(len(played.actions), -1)[:, :_CURVES]
    for i, values in enumerate(flat.T):
        observed.plot(values, label=str(i + 1))
    observed.set_ylabel("observation")
    observed.legend(title="number", ncols=4)
    marker = "|" if len(played.actions) > _MOST_MARKS else "o"
    done.plot(np.arange(len(played.actions)), played.actions, marker, markersize=5)
    done.set_yticks(range(len(labels)), [label(name, 12) for name in labels])
    done.set_ylim(-0.5, len(labels) - 0.5)
    done.set(ylabel="action", xlabel="step")
    return figure
