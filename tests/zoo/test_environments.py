"""Environments by name, their datasets, and episodes that are played."""

import sys

import numpy as np
import pytest

import zoo
from zoo.environments import episode_seeds, load_environment, play, record
from zoo.environments.gridworld import (
    FREE,
    LIMIT,
    STEP_REWARD,
    WALLS,
    GridWorld,
    distances,
)
from zoo.errors import DatasetError

gymnasium = pytest.importorskip("gymnasium")


def shortest(observations):
    """A policy that steps to the neighbour which is nearest to the goal."""
    actions = []
    for planes in observations:
        agent, goal = (np.argwhere(planes[..., k])[0] for k in range(2))
        ways = np.pad(distances(WALLS, goal), 1, constant_values=-1)
        near = [(0, 1), (1, 2), (2, 1), (1, 0)]  # up, right, down, left
        found = [ways[tuple(agent + move)] for move in near]
        actions.append(min(range(4), key=lambda k: found[k] if found[k] >= 0 else 99))
    return np.array(actions)


def test_the_shortest_ways_earn_what_the_rewards_say():
    environment = load_environment("gridworld")
    seeds = episode_seeds("test", 50)
    returns, lengths = play(shortest, environment, seeds)
    world = GridWorld(50)
    world.reset(seed=[*seeds])
    expected = [
        distances(WALLS, goal)[tuple(agent)]
        for agent, goal in zip(world._agents, world._goals, strict=True)
    ]
    assert lengths.tolist() == expected
    np.testing.assert_allclose(returns, 1 - 0.05 * (lengths - 1))


def test_walls_and_edges_stop_the_agent_and_steps_are_limited():
    world = GridWorld(2)
    world.reset(seed=[3, 4])
    world._agents[:] = (2, 2), (3, 4)  # before the edge on the left, beside a wall
    world._goals[:] = 0, 4
    for number in range(LIMIT):
        observations, rewards, terminated, truncated, _ = world.step(np.full(2, 3))
        assert not terminated.any() and (rewards == STEP_REWARD).all()
        assert truncated.all() == (number == LIMIT - 1)
    where = [np.argwhere(planes[..., 0]).tolist() for planes in observations]
    assert where == [[[2, 0]], [[3, 2]]]


def test_each_cell_can_be_reached_from_each_other():
    assert (distances(WALLS, FREE[0])[~WALLS] >= 0).all()


@pytest.mark.parametrize("name", ["gridworld", "cartpole"])
def test_a_seed_gives_the_same_episode_whatever_is_played_beside_it(name):
    environment = load_environment(name)

    def policy(observations):
        return np.zeros(len(observations), "int64")

    alone = record(policy, environment, 7)
    together = play(policy, environment, [5, 7, 6])
    assert together.lengths[1] == len(alone.actions)
    assert together.returns[1] == pytest.approx(alone.rewards.sum())


def test_seeds_of_purposes_are_apart():
    test, validation = (set(episode_seeds(p, 1000)) for p in ("test", "validation"))
    assert not test & validation and min(test | validation) >= 1_000_000


def test_the_dataset_of_an_environment():
    data = zoo.load_dataset("cartpole")
    assert data.labels == ("left", "right")
    assert data.input_shape == (4,) and data.task == "policy_gradient"
    again = zoo.load_dataset("cartpole")
    np.testing.assert_array_equal(data.train.x, again.train.x)
    assert zoo.load_dataset("CartPole-v1").labels == ("0", "1")


class Own(gymnasium.Env):
    """A state from -1 to 1; the actions 2 and 3 lower and raise it."""

    observation_space = gymnasium.spaces.Box(-1, 1, (1,))
    action_space = gymnasium.spaces.Discrete(2, start=2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.state = np.array([self.np_random.uniform(-0.5, 0.5)], "float32")
        return self.state, {}

    def step(self, action):
        assert self.action_space.contains(action)
        self.state = self.state + np.float32(0.1 * (2 * action - 5))
        is_over = bool(abs(self.state[0]) >= 1)
        return self.state, 1.0 * (self.state[0] >= 1), is_over, False, {}


def register(name, **spaces):
    kind = type(name, (Own,), spaces)
    gymnasium.register(f"{name}-v0", entry_point=kind, max_episode_steps=50)
    return f"{name}-v0"


def test_an_environment_of_a_user():
    environment = load_environment(register("Fits"))
    assert environment.actions == ("2", "3")
    ones = record(lambda x: np.ones(len(x), "int64"), environment, 0)
    assert ones.rewards.sum() == 1


BOX, DISCRETE = gymnasium.spaces.Box, gymnasium.spaces.Discrete


@pytest.mark.parametrize(
    ("name", "spaces", "message"),
    [
        ("Continuous", {"action_space": BOX(-1, 1, (1,))}, "continuous actions"),
        (
            "Several",
            {"action_space": gymnasium.spaces.MultiBinary(3)},
            "must be Discrete",
        ),
        ("Words", {"observation_space": DISCRETE(4)}, "must be a Box"),
    ],
)
def test_what_no_agent_can_play_is_refused(name, spaces, message):
    name = register(name, **spaces)
    with pytest.raises(DatasetError, match=message) as error:
        zoo.load_dataset(name)
    assert "\n" not in str(error.value)


def test_an_unknown_name_is_refused():
    with pytest.raises(DatasetError, match=r"cannot make Nothing-v3.*--import FILE"):
        zoo.load_dataset("Nothing-v3")


def test_without_gymnasium_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(DatasetError, match=r"keras-serving-zoo\[rl\]"):
        zoo.load_dataset("CartPole-v1")
    assert zoo.load_dataset("gridworld").num_classes == 4


def test_an_observation_that_is_not_finite_is_refused():
    class Broken(Own):
        def step(self, action):
            return np.array([np.nan], "float32"), 0.0, False, False, {}

    gymnasium.register("Broken-v0", entry_point=Broken, disable_env_checker=True)
    with pytest.raises(DatasetError, match="not finite"):
        zoo.load_dataset("Broken-v0")


def test_folds_and_unknown_gymnasium_names():
    with pytest.raises(DatasetError, match="no folds"):
        zoo.load_dataset("gridworld", fold="1/2")
