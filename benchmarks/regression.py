"""R2 of `mlp` beside scikit-learn's MLPRegressor on the same test splits.

Ours is trained by the registered recipe for regression, its weights chosen on the
validation split. The peer has scikit-learn's defaults, standardized inputs and targets,
at most 1,000 iterations, and train and validation together. Medians of three seeds.

    python -m benchmarks.regression [--only diabetes]

The rows are kept in `regression.json` beside this file, those of `--only` or all are
measured anew, and the section of `docs/data.md` is written from it.
"""

import argparse
import importlib.util
import json
import statistics
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

import zoo
from zoo.datasets import Dataset, Split, make_regression_dataset

RESULTS = Path(__file__).with_suffix(".json")
PAGE = Path(__file__).parents[1] / "docs/data.md"
BEGIN, END = "<!-- benchmarks.regression -->", "<!-- /benchmarks.regression -->"
SEEDS = 3
HOMES = 8_000


def diabetes() -> Dataset:
    """442 patients, a built-in set."""
    return zoo.load_dataset("diabetes")


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
    each.__name__: each for each in (diabetes, homes, pigs, weather)
}


def ours(data: Dataset, seed: int) -> float:
    """R2 of the registered model on the test split."""
    with tempfile.TemporaryDirectory() as folder:
        run = zoo.train("mlp", dataset=data, seed=seed, output=Path(folder) / "run")
    return run.metrics["r2"]


def peer(data: Dataset, seed: int) -> float:
    """R2 of scikit-learn's MLPRegressor; it takes means for what is missing."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.metrics import r2_score
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    network = MLPRegressor(max_iter=1000, random_state=seed)
    model = TransformedTargetRegressor(
        make_pipeline(SimpleImputer(), StandardScaler(), network),
        transformer=StandardScaler(),
    )
    x, y = (
        np.concatenate([data.train[k], data.validation[k]]).astype("float64")
        for k in range(2)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of convergence, where there is more to learn
        model.fit(x, y)
    return float(r2_score(data.test.y, model.predict(data.test.x.astype("float64"))))


def compare(name: str) -> dict[str, float | int | str]:
    """Returns the median R2 of ours and of the peer, and how far ours lie apart."""
    data = SETS[name]()
    both = [(ours(data, seed), peer(data, seed)) for seed in range(SEEDS)]
    first, second = zip(*both, strict=True)
    command = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, capture_output=True, text=True, cwd=PAGE.parent)
    return {
        "what": str(SETS[name].__doc__).partition("\n")[0].rstrip("."),
        "test": len(data.test.y),
        "ours": statistics.median(first),
        "peer": statistics.median(second),
        "spread": max(first) - min(first),
        "commit": found.stdout.strip(),
    }


def section(rows: dict[str, dict[str, float | int | str]]) -> str:
    """The section of `docs/data.md`."""
    commits = ", ".join(sorted({str(row["commit"]) for row in rows.values()}))
    lines = [
        BEGIN,
        f"R2 of `mlp` and of scikit-learn's `MLPRegressor` on standardized inputs and "
        f"targets, both on the same splits, medians of {SEEDS} seeds "
        f"(`python -m benchmarks.regression`, at {commits}):",
        "",
        "| data | test | `mlp` | between seeds | `MLPRegressor` |",
        "|---|---|---|---|---|",
        *(
            f"| {name}: {row['what']} | {row['test']:,} | {row['ours']:.3f} "
            f"| {row['spread']:.3f} | {row['peer']:.3f} |"
            for name, row in rows.items()
        ),
        END,
    ]
    return "\n".join(lines)


def main() -> None:
    """Measures sets, and writes the results and the section after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=SETS, default=list(SETS))
    rows = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in parser.parse_args().only:
        rows[name] = compare(name)
        rows = {key: rows[key] for key in SETS if key in rows}
        RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
        page = PAGE.read_text()
        start, end = page.index(BEGIN), page.index(END) + len(END)
        PAGE.write_text(page[:start] + section(rows) + page[end:])
        print(name, rows[name]["ours"], rows[name]["peer"], flush=True)


if __name__ == "__main__":
    main()
