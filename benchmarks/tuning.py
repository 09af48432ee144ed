"""Compares TPE with random search for an equal number of trials.

    python -m benchmarks.tuning [--trials N] [--epochs N]

Tunes `mlp` on digits with both samplers of `zoo.tune`, alternately, for five seeds.
Both start with the unchanged recipe and use the same pruning. Writes `tuning.json` and
`tuning.md` beside this file.
"""

import argparse
import json
import os
import platform
import subprocess
import tempfile
from pathlib import Path
from statistics import median

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import optuna

import zoo

RESULTS = Path(__file__).with_name("tuning.json")
SAMPLERS = "tpe", "random"
SEEDS = range(5)


def search(data, sampler, seed, trials, epochs):
    """A row: the result of one search."""
    with tempfile.TemporaryDirectory() as folder:
        result = zoo.tune(
            "mlp",
            dataset=data,
            trials=trials,
            epochs=epochs,
            seed=seed,
            sampler=sampler,
            storage=Path(folder, "study.db"),
        )
    values = [row.value for row in result.trials]
    return {
        "sampler": sampler,
        "seed": seed,
        "recipe": values[0],
        "best": result.best.value,
        "course": [
            min(value for value in values[: i + 1] if value is not None)
            for i in range(trials)
        ],
        "pruned": sum(row.state == "pruned" for row in result.trials),
        "epochs": sum(row.epochs for row in result.trials),
        "seconds": sum(row.seconds for row in result.trials),
    }


def page(results):
    """The results as a Markdown table."""
    rows = {(row["sampler"], row["seed"]): row for row in results["rows"]}
    versions = ", ".join(f"{k} {v}" for k, v in results["versions"].items())
    trials = results["trials"]
    marks = sorted({min(5, trials), min(10, trials), min(15, trials), trials})
    middle = {
        s: [median(rows[s, seed]["course"][m - 1] for seed in SEEDS) for m in marks]
        for s in SAMPLERS
    }
    lines = [
        "# TPE beside random search",
        "",
        f"`{results['command']}`: `mlp` on digits, {trials} trials of up to "
        f"{results['epochs']} epochs, both with the recipe as it stands as their "
        f"first trial and with median pruning; {results['machine']}, {versions}, at "
        f"{results['commit']}. The figure is the best validation loss (lower is "
        "better).",
        "",
        "| seed | recipe as it stands | TPE | random | better |",
        "|---|---|---|---|---|",
    ]
    for seed in SEEDS:
        tpe, random = rows["tpe", seed]["best"], rows["random", seed]["best"]
        better = "TPE" if tpe < random else "random" if random < tpe else "equal"
        lines.append(
            f"| {seed} | {rows['tpe', seed]['recipe']:.4f} | {tpe:.4f} | "
            f"{random:.4f} | {better} |"
        )
    start = median(rows["tpe", seed]["recipe"] for seed in SEEDS)
    tpe, random = middle["tpe"][-1], middle["random"][-1]
    lines += [
        f"| **median** | **{start:.4f}** | **{tpe:.4f}** | **{random:.4f}** | |",
        "",
        _verdict(tpe, random),
        "",
        f"| median after | {' | '.join(f'{mark} trials' for mark in marks)} | "
        "pruned | epochs | s |",
        f"|---|{'---|' * len(marks)}---|---|---|",
    ]
    for sampler in SAMPLERS:
        losses = " | ".join(f"{value:.4f}" for value in middle[sampler])
        costs = " | ".join(
            f"{median(rows[sampler, seed][cost] for seed in SEEDS):.0f}"
            for cost in ("pruned", "epochs", "seconds")
        )
        lines.append(f"| {sampler} | {losses} | {costs} |")
    return "\n".join(lines) + "\n"


def _verdict(tpe, random):
    if tpe < random:
        return "In the median of five seeds, TPE beats random search."
    return "In the median of five seeds, TPE does **not** beat random search."


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--trials", type=int, default=25, help="trials per search")
    parser.add_argument("--epochs", type=int, default=10, help="epochs per trial")
    given = parser.parse_args()
    data = zoo.load_dataset("digits")
    rows = [
        search(data, sampler, seed, given.trials, given.epochs)
        for seed in SEEDS
        for sampler in SAMPLERS
    ]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True
    )
    results = {
        "command": "python -m benchmarks.tuning",
        "trials": given.trials,
        "epochs": given.epochs,
        "machine": f"{platform.machine()}, {os.cpu_count()} CPU cores",
        "versions": {"optuna": optuna.__version__, "keras": keras.__version__},
        "commit": commit.stdout.strip(),
        "rows": rows,
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    RESULTS.with_suffix(".md").write_text(page(results))


if __name__ == "__main__":
    main()
