"""A grid with walls, in which an agent looks for the way to a goal."""

from typing import Any

import numpy as np

from zoo.environments.environment import Environment, register_environment

MAP = """
.....
.##..
...#.
.#...
...#.
"""
WALLS = np.array([[cell == "#" for cell in row] for row in MAP.split()])
FREE = np.argwhere(~WALLS)
LIMIT = 30  # steps of an episode
STEP_REWARD = -0.05
GOAL_REWARD = 1.0
ACTIONS = ("up", "right", "down", "left")
_MOVES = np.array([(-1, 0), (0, 1), (1, 0), (0, -1)])


@register_environment("gridworld")
def gridworld() -> Environment:
    """A grid of 5 x 5 cells with walls; agent and goal are anywhere.

    Observations are three planes of 0 and 1: where the agent is, the goal, the walls.
    A step costs 0.05 and leads nowhere against a wall or the edge; the goal gives 1
    and ends the episode, as 30 steps do.
    """
    return Environment(
        name="gridworld", actions=ACTIONS, shape=(*WALLS.shape, 3), make=GridWorld
    )


class GridWorld:
    """Several grids, stepped together; see `VectorEnvironment`.

    Args:
        copies: How many.
    """

    def __init__(self, copies: int) -> None:
        self._generators = [np.random.default_rng() for _ in range(copies)]
        self._agents = np.zeros((copies, 2), "int64")
        self._goals = np.zeros((copies, 2), "int64")
        self._steps = np.zeros(copies, "int64")
        self._places = np.arange(copies)

    def reset(
        self,
        *,
        seed: list[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Puts agents and goals anywhere, but not both in one cell."""
        chosen = (options or {}).get("reset_mask", np.ones(len(self._places), bool))
        for place in self._places[chosen]:
            if seed is not None and seed[place] is not None:
                self._generators[place] = np.random.default_rng(seed[place])
            cells = self._generators[place].choice(len(FREE), 2, replace=False)
            self._agents[place], self._goals[place] = FREE[cells]
            self._steps[place] = 0
        return self._observations(), {}

    def step(
        self, actions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Moves each agent."""
        wanted = self._agents + _MOVES[actions]
        inside = np.clip(wanted, 0, np.array(WALLS.shape) - 1)
        is_free = ~WALLS[inside[:, 0], inside[:, 1]]
        is_free &= (inside == wanted).all(axis=1)
        self._agents[is_free] = wanted[is_free]
        self._steps += 1
        terminated = (self._agents == self._goals).all(axis=1)
        rewards = np.where(terminated, GOAL_REWARD, STEP_REWARD)
        truncated = (self._steps >= LIMIT) & ~terminated
        return self._observations(), rewards, terminated, truncated, {}

    def close(self) -> None:
        """Does nothing: there is nothing to free."""

    def _observations(self) -> np.ndarray:
        planes = np.zeros((len(self._places), *WALLS.shape, 3), "float32")
        for plane, where in enumerate((self._agents, self._goals)):
            planes[self._places, where[:, 0], where[:, 1], plane] = 1
        planes[..., 2] = WALLS
        return planes


def distances(walls: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """Returns the length of the shortest way from each cell to the goal.

    Args:
        walls: Where walls are, `(rows, columns)`.
        goal: A cell, row and column.

    Returns:
        Numbers of steps; -1 where there is no way.

    Example:

    >>> distances(np.array([[False, True], [False, False]]), np.array([0, 0])).tolist()
    [[0, -1], [1, 2]]
    """
    found = np.full(walls.shape, -1)
    found[tuple(goal)] = 0
    reached = [tuple(goal)]
    for cell in reached:  # grows while it is read: breadth first
        for move in _MOVES:
            near = tuple(np.add(cell, move))
            is_inside = all(0 <= k < n for k, n in zip(near, walls.shape, strict=True))
            if is_inside and not walls[near] and found[near] < 0:
                found[near] = found[cell] + 1
                reached.append(near)
    return found
