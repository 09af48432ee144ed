"""Agents: advantages, the replay memory, and trainings that learn."""

import json

import numpy as np
import pytest

import zoo
from zoo.errors import ArgumentError
from zoo.tasks import control, policy_gradient, q_learning
from zoo.training.control.advantages import generalized_advantages
from zoo.training.control.experience import Step
from zoo.training.control.memory import Memory

pytest.importorskip("gymnasium")
TINY_ROLLOUTS = {"rollouts": 2, "steps": 16, "copies": 4, "validation_episodes": 4}
TINY_REPLAY = {"rounds": 2, "steps": 8, "copies": 4, "validation_episodes": 4}
TINY_REPLAY |= {"updates": 8, "target_updates": 4, "warmup": 40, "capacity": 90}
TINY = {"ppo": TINY_ROLLOUTS, "reinforce": TINY_ROLLOUTS, "dqn": TINY_REPLAY}


def train(name, output, **options):
    settings = {"dataset": "cartpole", "encoding": TINY[name], "jit": "off"}
    settings |= {"overrides": {"hidden_units": (8,)}, "batch_size": 32, "epochs": 3}
    settings |= {"schedule": None}  # it would be for the epochs that are asked for
    return zoo.train(name, output=output, **settings | options)


def by_definition(rewards, values, following, terminated, truncated, gamma, lam):
    """The advantage of each step as the sum of all errors behind it."""
    steps, copies = rewards.shape
    found = np.zeros_like(rewards)
    for c in range(copies):
        for t in range(steps):
            factor = 1.0
            for k in range(t, steps):
                later = 0.0 if terminated[k, c] else following[k, c]
                error = rewards[k, c] + gamma * later - values[k, c]
                found[t, c] += factor * error
                factor *= gamma * lam
                if terminated[k, c] or truncated[k, c]:
                    break
    return found


def test_advantages_are_the_discounted_errors_of_their_episode():
    generator = np.random.default_rng(0)
    rewards, values, following = generator.normal(size=(3, 12, 4))
    ends = generator.integers(0, 6, (12, 4))
    terminated, truncated = ends == 0, ends == 1
    given = rewards, values, following, terminated, truncated
    found = generalized_advantages(*given, discount=0.9, trace_decay=0.7)
    np.testing.assert_allclose(found, by_definition(*given, 0.9, 0.7), rtol=1e-12)


def step_of(first, count=2):
    numbers = np.arange(first, first + count)
    no = np.zeros(count, bool)
    return Step(numbers[:, None], numbers, numbers, numbers[:, None] + 1, no, no)


def test_the_memory_forgets_the_oldest_transitions():
    memory = Memory(5, (1,))
    for first in (0, 2, 4, 6):
        memory.add(step_of(first))
    drawn = memory.draw(200, np.random.default_rng(0))
    assert len(memory) == 5 and set(drawn.actions.tolist()) == {3, 4, 5, 6, 7}
    np.testing.assert_array_equal(drawn.after[:, 0], drawn.actions + 1)


def test_the_policy_takes_the_best_action():
    data = zoo.load_dataset("cartpole")
    x = data.test.x
    for module, name in ((policy_gradient, "ppo"), (q_learning, "dqn")):
        model = zoo.create_model(f"{name}.cartpole")
        chosen = module.greedy(model)(x)
        outputs = module.outputs(model)
        assert chosen.shape == (len(x),) and set(outputs) >= {"action"}
        best = model.predict(x, verbose=0)[:, :2].argmax(axis=1)
        np.testing.assert_array_equal(chosen, best)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["dqn", *(pytest.param(n, marks=pytest.mark.slow) for n in ("ppo",))]
)
def test_a_resumed_run_ends_with_the_same_bits(name, tmp_path):
    whole = train(name, tmp_path / "whole")
    train(name, tmp_path / "parts", epochs=1)
    parts = train(name, tmp_path / "parts", resume=True)
    for ours, theirs in zip(
        parts.model.get_weights(), whole.model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    for metric in ("loss", "return", "val_return"):
        assert parts.history[metric] == whole.history[metric]
    assert parts.metrics == whole.metrics
    assert whole.metrics["return_min"] <= whole.metrics["return"]
    held = json.loads((tmp_path / "whole/metrics.json").read_text())
    assert len(held["details"]["returns"]) == control.TEST_EPISODES
    assert held["details"]["baseline"]["metric"] == "return"


@pytest.mark.slow
def test_evaluation_plays_the_episodes_of_the_training(tmp_path):
    run = train("ppo", tmp_path / "run", epochs=1)
    assert zoo.evaluate(run) == run.metrics


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample_weight": np.ones(512)}, "an agent collects its own"),
        ({"augmentation": ["RandomFlip"]}, "is for samples"),
        ({"class_weight": "balanced"}, "class_weight"),
    ],
)
def test_options_of_samples_are_refused(options, message, tmp_path):
    with pytest.raises(ArgumentError, match=message):
        train("ppo", tmp_path / "run", **options)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ppo", "dqn"])
def test_an_agent_finds_its_way_through_the_grid(name, tmp_path):
    run = zoo.train(name, output=tmp_path / "run", epochs=8)
    assert run.metrics["return"] > 0.6  # at random: -1.1
