"""`zoo play`."""

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli import completion, display, options
from zoo.errors import ArgumentError

if TYPE_CHECKING:
    import numpy as np

    from zoo.environments import Environment, Episodes
    from zoo.inference.answers.answerer import Answerer


@dataclasses.dataclass(frozen=True)
class _Player:
    """What plays.

    Args:
        name: What it is called in the answer.
        answerer: Computes actions.
        dataset: Name of the environment that it was trained in, where that is known.
    """

    name: str
    answerer: "Answerer"
    dataset: str | None


@click.command()
@click.argument("model", metavar="NAME|RUN", shell_complete=completion.models_and_runs)
@click.option(
    "--environment",
    help="What is played; what the model was trained in if not given, which a server "
    "does not know.",
)
@click.option(
    "--episodes",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Episodes to play, with the seeds of the test split.",
)
@options.url
@options.trust
@options.as_json
def play(
    model: str,
    environment: str | None,
    episodes: int,
    url: str | None,
    trust: bool,
    as_json: bool,
) -> None:
    """Play episodes with a trained agent, and show what they return.

    NAME|RUN is an agent with shipped weights, a run folder, a .keras file, or an
    exported artifact, of which each format plays the same episodes. The command fails
    if the returns of two formats differ.

    Example: zoo play models/ppo.cartpole
    """
    from zoo.environments import episode_seeds
    from zoo.environments import play as play_episodes
    from zoo.environments.environment import (
        ENVIRONMENTS,
        load_environment,
        names_environment,
    )

    if environment is not None and not names_environment(environment):
        ENVIRONMENTS.get(environment)  # fails with the nearest names
    found: dict[str, Episodes] = {}
    name = environment
    for player in _players(model, url, trust):
        name = player.dataset if environment is None else environment
        if name is None or not names_environment(name):
            raise ArgumentError(
                f"It is not known what {model} plays; name it by --environment, such "
                "as --environment gridworld."
            )
        world = load_environment(name)
        policy = _policy(model, player.answerer, world)
        seeds = episode_seeds("test", episodes)
        found[player.name] = play_episodes(policy, world, seeds)
        if not as_json:
            display.say(f"{player.name}: {_described(found[player.name])}")
    first, *others = found.values()
    is_same = all((each.returns == first.returns).all() for each in others)
    if as_json:
        players = {
            key: {"returns": each.returns.tolist(), "lengths": each.lengths.tolist()}
            for key, each in found.items()
        }
        display.echo_json({"environment": name, "players": players})
    if not is_same:
        raise click.ClickException(
            f"{' and '.join(found)} do not return the same in each episode."
        )
    if others and not as_json:
        display.say("the returns of each episode are the same")


def _players(model: str, url: str | None, trust: bool) -> Iterator[_Player]:
    """Opens what plays, one after the other: each format of an artifact."""
    from export import manifest
    from zoo.cli.predicting.artifact import ArtifactAnswerer, engines_of, find_artifact
    from zoo.cli.predicting.asking import open_answerer
    from zoo.inference.inputs.remarks import remarks
    from zoo.runs.trained import trained

    with remarks() as said:
        folder = find_artifact(Path(model)) if url is None else None
        if folder is None:
            dataset = None if url is not None else trained(model, trust=trust).dataset
            with open_answerer(model, said, url=url, trust=trust) as answerer:
                yield _Player(model, answerer, dataset)
            return
        dataset = None
        if (folder / manifest.FILE).is_file():
            dataset = manifest.read(folder).get("dataset")
        for artifact in engines_of(folder):
            with contextlib.closing(
                ArtifactAnswerer(folder, said, trust=trust, artifact=artifact)
            ) as answerer:
                yield _Player(artifact, answerer, dataset)


def _policy(model: str, answerer: "Answerer", world: "Environment") -> Any:
    """Returns the policy of an answerer, which has to name actions of the world."""
    shape = tuple(answerer.takes.shape)
    if shape != world.shape:
        raise ArgumentError(
            f"{model} takes arrays of shape {shape}; observations of {world.name} have "
            f"the shape {world.shape}."
        )

    def actions(observations: "np.ndarray") -> "np.ndarray":
        outputs = answerer.outputs(observations)
        if "action" not in outputs:
            raise ArgumentError(
                f"{model} is no agent: it returns {', '.join(outputs)} and no action; "
                "`zoo list --task q_learning` and `--task policy_gradient` show agents."
            )
        known = len(answerer.labels)
        if known not in (0, len(world.actions)):
            raise ArgumentError(
                f"{model} chooses among {known} actions; {world.name} has "
                f"{len(world.actions)}: {', '.join(world.actions)}."
            )
        return outputs["action"].astype("int64")

    return actions


def _described(episodes: "Episodes") -> str:
    returns, lengths = episodes
    return (
        f"return {returns.mean():.4f} (from {returns.min():.4f} to "
        f"{returns.max():.4f}, {len(returns):,} episodes), length {lengths.mean():.1f}"
    )
