"""The results of `benchmarks.serving` as a page."""

import statistics

from benchmarks.servers.sides import OURS

HEADER = """# Serving beside other Python model servers

`{command}`, {rounds} alternating rounds of {seconds} s a figure, on {machine}, \
at {commit}. LeNet-5, images of 28x28x1, the same ONNX file, one intra-op thread. \
Every server runs alone, is checked against ONNX Runtime, and is loaded from another \
process on the same cores. A cell has the median of the requests a second, then \
p50 / p99 in milliseconds, and errors where there were any. The peers' applications \
are in [servers/peers](servers/peers), their pinned packages in \
[servers/requirements](servers/requirements).
"""

GROUPS = {
    "JSON, one image": (
        "json",
        "Each server's own format: TensorFlow Serving's `instances` for ours, v2 for "
        "Triton and MLServer, a document of the application's own for the rest. Ours "
        "answers class ids besides the probabilities.",
    ),
    "v2 binary tensors": (
        "binary",
        "The Open Inference Protocol with the bytes of the arrays behind the document.",
    ),
    "gRPC": (
        "grpc",
        "The load is a closed loop of `grpc.aio` with a connection a caller: it takes "
        "one core itself. `grpc` is TensorFlow Serving's `Predict`, `grpc v2` the Open "
        "Inference Protocol's `ModelInfer`.",
    ),
}


def page(results, works):
    """The Markdown page.

    Args:
        results: What `serving.json` holds.
        works: The names of the works, in order.
    """
    if not results["sides"]:
        return _soak(results["soak"])
    parts = [HEADER.format(**results)]
    for title, (transport, text) in GROUPS.items():
        columns = [work for work in works if work.startswith(transport)]
        parts.append(f"## {title}\n\n{text}\n\n{table(results['sides'], columns)}")
    parts.append(_servers(results["sides"]))
    parts.append(_rest(results))
    if "soak" in results:
        parts.append(_soak(results["soak"]))
    return "\n".join(parts)


def table(sides, columns):
    """Sides by works, and our figure over that of the best peer."""
    lines = [f"| server | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for name, side in sides.items():
        works = side.get("works", {})
        if any(column in works for column in columns):
            cells = [_cell(works.get(column)) for column in columns]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    speeds = [_against_best(sides, each, "requests_per_second") for each in columns]
    lines.append(f"| **requests/s, ours / best peer** | {' | '.join(speeds)} |")
    tails = [_against_best(sides, each, "p99_ms", best=min) for each in columns]
    lines.append(f"| **p99, ours / lowest of a peer** | {' | '.join(tails)} |")
    return "\n".join(lines) + "\n"


def _cell(figures):
    if figures is None:
        return ""
    if "not_there" in figures:
        return "not there"
    text = "{requests_per_second:,.0f} ({p50_ms:.1f} / {p99_ms:.1f})".format(**figures)
    errors = figures["errors"]
    return f"{text}, {errors} errors" if errors else text


def _against_best(sides, work, key, best=max):
    figures = {
        name: side["works"][work][key]
        for name, side in sides.items()
        if key in side.get("works", {}).get(work, {})
    }
    peers = [value for name, value in figures.items() if not name.startswith(OURS)]
    if OURS not in figures or not peers:
        return ""
    return f"{figures[OURS] / best(peers):.2f}"


def _servers(sides):
    lines = [
        "## Servers\n",
        "*Trials*: requests a second at 16 callers before the rounds, by number of "
        "workers; the fastest was measured (0 workers: MLServer computes where it "
        "answers). Memory after the load in MB: PSS / RSS of the largest process, "
        "then the PSS of all. *First answer*: seconds from the command.\n",
        "| server | trials | largest process | all | processes | first answer "
        "| versions |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, side in sides.items():
        if "not_there" in side:
            lines.append(
                f"| {name} | not there: {_line(side['not_there'])} | | | | | |"
            )
            continue
        trials = [f"{form}: {speed:,.0f}" for form, speed in side["trials"].items()]
        memory = side["memory"]
        total = sum(each["pss_mb"] for each in memory)
        cells = [
            ", ".join(trials),
            "{pss_mb:.0f} / {rss_mb:.0f}".format(**memory[0]),
            f"{total:.0f}",
            str(len(memory)),
            f"{side['seconds_to_first_answer']:.2f}",
            ", ".join(side["versions"]),
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _line(text):
    return " ".join(text.split()).replace("|", "\\|")[-200:]


def _rest(results):
    floors = [
        f"{float(speed):,.0f} a second with {images} images"
        for images, speed in results["floor"].items()
    ]
    text = f"The engine alone, `session.run` in a loop: {', '.join(floors)}."
    if "cold_starts" in results:
        starts = results["cold_starts"]
        text += (
            f" From our command to its first right answer: "
            f"{statistics.median(starts):.2f} s, the median of {len(starts)} starts."
        )
    return text + "\n"


def _soak(figures):
    memory = [pss for _, pss in figures["pss_mb"]]
    return (
        f"## {figures['minutes']:g} minutes at full load\n\n"
        f"`python -m benchmarks.serving --minutes {figures['minutes']:g}`, 64 callers, "
        f"JSON: {_cell(figures)}, {figures['errors']} errors. PSS of all processes: "
        f"{memory[0]:.0f} MB at the first sample, {memory[-1]:.0f} MB at the last, "
        f"{max(memory):.0f} MB at most, of {len(memory)} samples.\n"
    )
