"""Networks that start from a pretext task beside the same networks from scratch.

    python -m benchmarks.pretraining digits --labelled 100 1000 --seeds 5
    python -m benchmarks.pretraining mnist --tasks stacked_autoencoder

The encoder learns from all training samples without their labels. Then, for each number
of labels, three trainings of one recipe, with the same augmentation: from scratch, from
the encoder, and with the encoder frozen (a linear probe). Each figure is the test
accuracy, which the validation split has chosen the epoch of. Writes `pretraining.json`
and `pretraining.md`.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import zoo
from zoo.files import write_json

FOLDER = Path(__file__).parent
# The classifier whose encoder each pretext task trains.
CLASSIFIERS = {
    "stacked_autoencoder": "deep_mlp",
    "rotation": "encoder_cnn",
    "simclr": "encoder_cnn",
    "masked_autoencoder": "encoder_cnn",
}
MOST_STEPS = 4_000  # of a classifier; fewer labels are seen in more epochs
FEWEST_STEPS = 1_000


def measure(
    dataset: str, task: str, seed: int, labelled: list[int | None], folder: Path
) -> list[dict[str, Any]]:
    """Trains an encoder and its classifiers with one seed; returns a row for each."""
    classifier = CLASSIFIERS[task]
    encoder = zoo.train(task, dataset=dataset, seed=seed, output=folder / task)
    rows = []
    for count in labelled:
        ways: dict[str, dict[str, Any]] = {
            "scratch": {},
            "fine-tuned": {"weights": encoder},
            "probe": {"weights": encoder, "freeze": "encoder"},
        }
        for way, options in ways.items():
            run = zoo.train(
                classifier,
                dataset=dataset,
                seed=seed,
                output=folder / f"{task}-{count}-{way}",
                epochs=_epochs(classifier, dataset, count),
                **({} if count is None else {"labelled": count}),
                **options,
            )
            row = {"dataset": dataset, "task": task, "classifier": classifier}
            row |= {"labelled": count, "way": way, "seed": seed}
            rows.append(row | {"accuracy": run.metrics["accuracy"]})
            print(rows[-1], flush=True)
    return rows


def _epochs(classifier: str, dataset: str, count: int | None) -> int:
    recipe = zoo.model_spec(f"{classifier}.{dataset}").recipe
    if count is None:
        return recipe.epochs
    steps = -(-count // recipe.batch_size)
    wanted = min(MOST_STEPS, max(FEWEST_STEPS, recipe.epochs * steps))
    return -(-wanted // steps)


def table(rows: list[dict[str, Any]]) -> str:
    """Returns the page: mean and deviation over the seeds of each way."""
    lines = [
        "# Pre-training",
        "",
        (__doc__ or "").partition("\n\n")[2].partition("\n\n")[2].strip(),
        "",
        "| data | encoder from | labels | from scratch | fine-tuned | probe | gain |",
        "|---|---|---|---|---|---|---|",
    ]
    keys = dict.fromkeys((r["dataset"], r["task"], r["labelled"]) for r in rows)
    for key in keys:
        of_key = [r for r in rows if (r["dataset"], r["task"], r["labelled"]) == key]
        ways = {
            way: {r["seed"]: r["accuracy"] for r in of_key if r["way"] == way}
            for way in ("scratch", "fine-tuned", "probe")
        }
        cells = [_cell(list(values.values())) for values in ways.values()]
        gains = [
            ways["fine-tuned"][seed] - ways["scratch"][seed]
            for seed in ways["scratch"].keys() & ways["fine-tuned"].keys()
        ]
        labels = "all" if key[2] is None else f"{key[2]:,}"
        cells = [key[0], f"`{key[1]}`", labels, *cells, _gain(gains)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(values: list[float]) -> str:
    if len(values) < 2:
        return f"{values[0]:.2%}" if values else ""
    return f"{statistics.mean(values):.2%} ± {statistics.stdev(values):.2%}"


def _gain(gains: list[float]) -> str:
    """The mean gain of a seed; in bold if each seed gains."""
    if not gains:
        return ""
    text = f"{100 * statistics.mean(gains):+.2f} points, {len(gains)} seeds"
    return f"**{text}**" if len(gains) > 1 and min(gains) > 0 else text


def main() -> None:
    """Measures what is asked for, and adds it to what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", choices=("digits", "mnist", "cifar10"))
    parser.add_argument("--tasks", nargs="+", default=[*CLASSIFIERS])
    parser.add_argument("--labelled", nargs="+", type=int, default=[100, 1000])
    parser.add_argument("--all", action="store_true", help="all labels, too")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    path = FOLDER / "pretraining.json"
    labelled = [*options.labelled, *([None] if options.all else [])]
    for seed in range(options.seeds):
        for task in options.tasks:
            with tempfile.TemporaryDirectory() as folder:
                found = measure(options.dataset, task, seed, labelled, Path(folder))
            new = {_key(row) for row in found}
            held = json.loads(path.read_text()) if path.exists() else []
            rows = [row for row in held if _key(row) not in new] + found
            rows.sort(key=lambda row: [str(part) for part in _key(row)])
            write_json(path, rows)
            (FOLDER / "pretraining.md").write_text(table(rows))


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[k] for k in ("dataset", "task", "labelled", "way", "seed"))


if __name__ == "__main__":
    main()
