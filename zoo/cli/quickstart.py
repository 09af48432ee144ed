"""`zoo quickstart`: the whole workflow, from a name to a live endpoint."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zoo.cli import display
from zoo.cli.export import echo_parity
from zoo.errors import ZooError

if TYPE_CHECKING:
    from zoo.datasets import Dataset

MODEL, DATASET = "lenet5", "digits"
MODELS = Path("models")
SHOWN = 8


@click.command()
def quickstart() -> None:
    """Train a model on real digits, export it, serve it, and query it.

    Needs no network. Leaves a run folder in runs/ and an artifact in models/.

    Example: zoo quickstart
    """
    _step("Loading the libraries")
    import zoo
    from export import export_model
    from zoo.reports.overview import write_picture

    data = zoo.load_dataset(DATASET)
    counts = [len(split.y) for split in (data.train, data.validation, data.test)]
    _step(
        "Training {} on {}: {} images, {} to validate, {} to test",
        MODEL,
        DATASET,
        *counts,
    )
    run = zoo.train(MODEL, dataset=data)
    display.say(f"test: {display.format_metrics(run.metrics)}")
    picture = run.directory / "report.png"
    write_picture(picture, run, data)
    display.say(f"picture: {picture}")
    _step("Exporting to {} as SavedModel and ONNX", MODELS)
    artifact = export_model(run, MODELS)
    display.say(f"published {artifact.path}")
    echo_parity(artifact.manifest["parity"])
    _step("Starting the server on a free port")
    with _server() as url:
        display.say(url)
        _step("Sending {} test images to {}", SHOWN, f"{url}/v1/models/{MODEL}:predict")
        _ask(url, data)
    _step("Stopped the server. What to type next:")
    zoo_command = "zoo" if sys.prefix == sys.base_prefix else _command()
    display.say(f"{zoo_command} serve --model-base-path {MODELS}")
    display.say(
        "curl http://127.0.0.1:8501/v1/models/lenet5        (in another terminal)"
    )
    display.say(f"{zoo_command} train mlp --dataset iris")
    display.say(f"{zoo_command} list")


def _step(text: str, *values: object) -> None:
    display.say(f"\n{text.format(*values)}", bold=True)


def _command() -> str:
    executable = Path(sys.argv[0])
    with contextlib.suppress(ValueError):
        executable = executable.resolve().relative_to(Path.cwd())
    return f'"{executable}"' if " " in str(executable) else str(executable)


@contextlib.contextmanager
def _server() -> Iterator[str]:
    command = [sys.executable, "-P", "-m", "zoo", "serve"]
    command += ["--model-base-path", str(MODELS), "--model-name", MODEL]
    command += ["--rest-api-port", "0", "--port", "0"]
    with _no_interrupt():
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise ZooError(f"The server did not start (code {process.wait()}).")
        yield line.split(" at ")[-1].partition("/v1/")[0]
    finally:
        try:
            process.terminate()
            process.wait()
        except BaseException:  # a second signal while the server drains
            process.kill()
            process.wait()
            raise


@contextlib.contextmanager
def _no_interrupt() -> Iterator[None]:
    """Blocks SIGINT, which a terminal sends to the whole group, for started processes.

    This process ends them itself; its own SIGINT is delivered after the block.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ask(url: str, data: "Dataset") -> None:
    from serving import Client

    images, truth = data.test.x[:SHOWN], data.test.y[:SHOWN]
    with Client(url) as client:
        answer = client.predict(MODEL, {"image": images})
    display.echo_table(
        [
            {
                "predicted": data.labels[guess],
                "true": data.labels[label],
                "probability": f"{probabilities.max():.4f}",
            }
            for guess, label, probabilities in zip(
                answer["class_ids"], truth, answer["probabilities"], strict=True
            )
        ]
    )
