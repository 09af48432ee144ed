"""R2 of `mlp` beside scikit-learn's MLPRegressor on the same test splits.

Ours is trained by the registered recipe for regression, its weights chosen on the
validation split. The peer has scikit-learn's defaults, standardized inputs and targets,
at most 1,000 iterations, and train and validation together. Medians of three seeds.

    python -m benchmarks.regression [--only diabetes] [--seeds 3]
"""

import argparse
import importlib.util
import statistics
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

import zoo
from zoo.datasets import Dataset, Split, make_regression_dataset

HOMES = 8_000


def diabetes() -> Dataset:
    """442 patients, a built-in set."""
    return zoo.load_dataset("diabetes")


def linnerud() -> Dataset:
    """20 men, three exercises to three measures of the body."""
    from sklearn.datasets import load_linnerud

    bunch = load_linnerud()
    split = Split(bunch.data.astype("float32"), bunch.target)
    return make_regression_dataset("linnerud", tuple(bunch.target_names), split)


def homes() -> Dataset:
    """Prices of homes, generated: nonlinear, with noise that grows with the price.

    Income and rooms raise a price with less and less effect, age lowers it, and it
    falls off from two centres, of which one is dear; above 500,000 it is cut, as in the
    Californian census.
    """
    draw = np.random.default_rng(0)
    income = draw.gamma(3.0, 1.3, HOMES)
    age, rooms = draw.uniform(1, 52, HOMES), draw.gamma(9.0, 0.6, HOMES)
    people = draw.gamma(6.0, 0.5, HOMES)
    place = draw.uniform(-1, 1, (HOMES, 2))
    near = [
        np.exp(-4 * np.square(place - c).sum(axis=1)) for c in ((0.5, 0.5), (-0.6, 0))
    ]
    value = 60 + 55 * np.sqrt(income) * (1 + near[0]) + 90 * near[1] - 12 * people
    value += 18 * np.log(rooms) - 0.6 * age + 10 * np.sin(age / 8)
    price = value * (1 + 0.12 * draw.standard_normal(HOMES))
    x = np.column_stack([income, age, rooms, people, place]).astype("float32")
    price = 1000 * np.clip(price, 15, 500)
    return make_regression_dataset("homes", ("price",), Split(x, price))


def pigs() -> Dataset:
    """Weights of 72 pigs over twelve weeks, a CSV file of statsmodels."""
    file = _packaged("statsmodels", "regression/tests/results/dietox.csv")
    features = ("Time", "Feed", "Litter")
    return zoo.load_dataset(file, target="Weight", features=features)


def weather() -> Dataset:
    """The day's highest temperature in Seattle, a CSV file of vega_datasets."""
    file = _packaged("vega_datasets", "_data/seattle-weather.csv")
    features = ("precipitation", "temp_min", "wind")
    return zoo.load_dataset(file, target="temp_max", features=features)


def _packaged(package: str, file: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise SystemExit(f"{package} is not installed; leave this set out by --only.")
    return Path(found.origin).parent / file


SETS: dict[str, Callable[[], Dataset]] = {
    each.__name__: each for each in (diabetes, homes, linnerud, pigs, weather)
}


def ours(data: Dataset, seed: int) -> float:
    """R2 of the registered model on the test split."""
    with tempfile.TemporaryDirectory() as folder:
        run = zoo.train("mlp", dataset=data, seed=seed, output=Path(folder) / "run")
    return run.metrics["r2"]


def peer(data: Dataset, seed: int) -> float:
    """R2 of scikit-learn's MLPRegressor on the test split."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.metrics import r2_score
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    network = MLPRegressor(max_iter=1000, random_state=seed)
    model = TransformedTargetRegressor(
        make_pipeline(StandardScaler(), network), transformer=StandardScaler()
    )
    x, y = (
        np.concatenate([data.train[k], data.validation[k]]).astype("float64")
        for k in range(2)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of convergence, where there is more to learn
        model.fit(x, y)
    return float(r2_score(data.test.y, model.predict(data.test.x.astype("float64"))))


def compare(name: str, seeds: int) -> tuple[float, float]:
    """Returns the median R2 of ours and of the peer."""
    data = SETS[name]()
    both = [(ours(data, seed), peer(data, seed)) for seed in range(seeds)]
    return tuple(statistics.median(each) for each in zip(*both, strict=True))  # pyright: ignore


def main() -> None:
    """Prints a line for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=SETS, default=list(SETS))
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    print("| data | R2 of mlp | R2 of MLPRegressor |\n|---|---|---|")
    for name in options.only:
        first, second = compare(name, options.seeds)
        print(f"| {name} | {first:.4f} | {second:.4f} |", flush=True)


if __name__ == "__main__":
    main()
