"""The results of the component benchmark as a table and a plot."""

import math

MODES = ("training", "first layer", "forward")
FORMS = ("graph", "best")


def geometric_mean(values):
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values))


def write(results, folder):
    """Writes `components.md` and `components.png` into `folder`."""
    (folder / "components.md").write_text(table(results))
    picture(results, folder / "components.png")


def table(results):
    """The results as a Markdown table."""
    versions = ", ".join(f"{k} {v}" for k, v in results["versions"].items())
    commits = ", ".join(sorted({row["commit"] for row in results["rows"]}))
    modes = [mode for mode in MODES if any(mode in row for row in results["rows"])]
    columns = [f"{mode} {form}" for mode in modes for form in FORMS]
    lines = [
        "# Components beside their Keras namesakes",
        "",
        f"`{results['command']}`: {results['machine']}, {versions}; timed at "
        f"{commits}. Our time over the peer's, median of at least "
        f"{results['rounds']} alternating pairs: below 1 is faster. *graph*: both "
        "in a plain `tf.function`; *best*: each in whichever of plain graph and XLA "
        "serves it best. *Training*: gradients by inputs and weights; *first layer*: "
        "by the weights alone, as a model's first layer is trained (a layer without "
        "weights: its call with `training=True`).",
        "",
        f"| component | options | size | peer | {' | '.join(columns)} "
        "| ms ours / peer (training, best form) |",
        f"|---|---|---|---|{'---|' * len(columns)}---|",
    ]
    for row in results["rows"]:
        ratios = [_ratio(row, mode, f) for mode in modes for f in FORMS]
        lines.append(
            f"| {row['component']} | {row['options']} | {row['size']} | {row['peer']} "
            f"| {' | '.join(ratios)} | {_times(row)} |"
        )
    means = [
        f"{geometric_mean(r[mode][form] for r in results['rows'] if mode in r):.2f}"
        for mode in modes
        for form in FORMS
    ]
    lines.append(f"| **geometric mean** | | | | {' | '.join(means)} | |")
    lines += ["", "![ratios](components.png)", ""]
    return "\n".join(lines)


def _ratio(row, mode, form):
    return f"{row[mode][form]:.2f}" if mode in row else ""


def _times(row):
    times = row.get("training", row.get("forward"))["milliseconds"]
    best = (
        min(v for k, v in times.items() if k.startswith(side))
        for side in ("ours", "peer")
    )
    return " / ".join(f"{value:.3g}" for value in best)


def picture(results, path):
    """A bar per row: the training ratio, with the faster mode of each side."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rows = sorted(
        (row for row in results["rows"] if "training" in row),
        key=lambda row: row["training"]["best"],
    )
    figure, axes = plt.subplots(figsize=(8, 1 + 0.18 * len(rows)))
    names = [f"{row['component']} {row['size']}" for row in rows]
    places = range(len(rows))
    axes.barh(places, [row["training"]["best"] for row in rows], color="#4477aa")
    axes.scatter(
        [row["training"]["graph"] for row in rows], places, s=9, color="#ee6677"
    )
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_yticks(places, names, fontsize=6)
    axes.set_xlim(0, 1.5)
    axes.set_ylim(-1, len(rows))
    axes.set_xlabel("our time / Keras' time (bar: best form, dot: plain graph)")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)
