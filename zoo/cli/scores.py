"""What commands print of the figures of a test split."""

from collections.abc import Mapping
from typing import Any

from zoo.cli import display

_MOST_CLASSES = 20


def say_scores(metrics: Mapping[str, float], details: Mapping[str, Any]) -> None:
    """Prints metrics, those of a sample of the training split, and the baseline."""
    display.say(f"test: {format_scores(metrics, details)}")
    seen = details.get("training")
    if seen is not None:
        figures = display.format_metrics(_alike(seen["metrics"], metrics))
        display.say(
            f"training: {figures} ({seen['samples']:,} samples, in inference mode)"
        )
    say_baseline(details.get("baseline"))


def _alike(seen: Mapping[str, float], metrics: Mapping[str, float]) -> dict[str, float]:
    """The figures of a sample of the training split that the test has as well."""
    return {k: v for k, v in seen.items() if k in metrics}


def say_baseline(baseline: Mapping[str, Any] | None) -> None:
    """Prints what the metric has to be better than, where that is known."""
    if baseline is not None:
        figure = f"{baseline['metric']} {baseline['value']:.4f}"
        display.say(f"baseline: {figure}, {baseline['method']}")


def format_scores(metrics: Mapping[str, float], details: Mapping[str, Any]) -> str:
    """Formats metrics as one line, the accuracy with its interval.

    >>> details = {"samples": 114, "unit": "samples"}
    >>> details["accuracy_interval"] = [0.896, 0.982]
    >>> format_scores({"loss": 0.13, "accuracy": 0.956}, details)
    'loss 0.1300, accuracy 0.9560 (0.896 to 0.982, 114 samples)'
    """
    named = dict(metrics)
    interval = details.get("accuracy_interval")
    if interval is None or "accuracy" not in named:
        return display.format_metrics(named)
    low, high = interval
    until = [*named].index("accuracy") + 1
    before = dict([*named.items()][:until])
    after = dict([*named.items()][until:])
    first = display.format_metrics(before)
    number = f"{details['samples']:,} {details['unit']}"
    first += f" ({low:.3f} to {high:.3f}, {number})"
    return ", ".join(filter(None, [first, display.format_metrics(after)]))


def echo_classes(details: Mapping[str, Any]) -> None:
    """Prints a row for each class or target, and the calibration.

    Of many classes, those with the lowest F1.
    """
    classes = details.get("classes", [])
    shown = classes
    if len(classes) > _MOST_CLASSES:
        shown = sorted(classes, key=lambda each: each["f1"] or 0.0)[:_MOST_CLASSES]
        display.say(f"the {_MOST_CLASSES} of {len(classes)} classes with the lowest F1")
    display.echo_table(
        [
            {
                "class": each["name"],
                "samples": each["samples"],
                **{name: figure(each, name) for name in ("precision", "recall", "f1")},
            }
            for each in shown
        ]
    )
    display.echo_table(
        [
            {
                "target": each["name"],
                **{
                    name: "-" if each[name] is None else f"{each[name]:.4f}"
                    for name in ("mae", "rmse", "r2")
                },
            }
            for each in details.get("targets", [])
        ]
    )
    found = details.get("calibration")
    if found is not None:
        display.say(
            f"calibration: error {found['error']:.4f} ({found['bins']} bins), log loss "
            f"{found['log_loss']:.4f}, Brier score {found['brier']:.4f}"
        )


def figure(scores: Mapping[str, Any], name: str) -> str:
    """Formats a figure of a class; says why there is none.

    >>> figure({"precision": None, "samples": 3, "predicted": 0}, "precision")
    'never predicted'
    """
    if scores[name] is not None:
        return f"{scores[name]:.4f}"
    return "never predicted" if scores["predicted"] == 0 else "no samples"
