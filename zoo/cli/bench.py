"""`zoo bench`."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo import messages
from zoo.cli import display, options
from zoo.errors import ArgumentError
from zoo.messages import printable

if TYPE_CHECKING:
    from serving.bench.measurement import Measurement
    from serving.bench.requests import Target

_CONNECTIONS = 64  # of an open loop


class Numbers(click.ParamType):
    """Numbers above zero, separated by commas."""

    name = "numbers"

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list:
        """Parses the text, unless it is parsed already."""
        if isinstance(value, list):
            return value
        try:
            found = [self._kind(part) for part in value.split(",")]
        except ValueError:
            found = []
        if not found or min(found) <= 0:
            self.fail(f"Expected numbers above 0, such as 1,16,64. Received: {value}")
        return found


@click.command()
@click.argument("url")
@click.argument("model")
@click.option(
    "--api",
    type=click.Choice(["rest", "v2", "v2-binary", "grpc"]),
    default="rest",
    show_default=True,
    help="TensorFlow Serving's REST or gRPC, Open Inference Protocol v2 with JSON or "
    "with binary tensors.",
)
@click.option("--version", type=int, help="Of the model.  [default: the latest]")
@click.option(
    "--signature",
    help="Of the model.  [default: serving_default; with --replay, those of the log]",
)
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Samples in a request, which is drawn from the model's metadata.",
)
@click.option(
    "--input",
    "given",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What to send instead: a .npz of arrays by input, or the body of a request.",
)
@click.option(
    "--replay",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Send the requests of a log: TFRecords of PredictionLog.",
)
@click.option(
    "--concurrency",
    type=Numbers(int),
    help="Closed loop: clients that send when they have their answer. With --rate, "
    "connections.  [default: 1,4,16,64; with --rate, 64]",
)
@click.option(
    "--rate",
    type=Numbers(float),
    help="Open loop: requests a second; latency counts from when one was due.",
)
@click.option(
    "--arrivals",
    type=click.Choice(["poisson", "constant"]),
    default="poisson",
    show_default=True,
    help="Of an open loop.",
)
@click.option("--seconds", type=float, default=5.0, show_default=True)
@click.option("--warmup", type=float, default=1.0, show_default=True, help="Seconds.")
@click.option(
    "--timeout",
    type=float,
    default=30.0,
    show_default=True,
    help="Seconds for a request.",
)
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="That send; more if one cannot keep up with the server.",
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    help="Draw latency against throughput into this .png.",
)
@options.as_json
def bench(
    url: str,
    model: str,
    api: str,
    version: int | None,
    signature: str | None,
    batch_size: int,
    given: Path | None,
    replay: Path | None,
    concurrency: list[int] | None,
    rate: list[float] | None,
    arrivals: str,
    seconds: float,
    warmup: float,
    timeout: float,
    processes: int,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Measure latency and throughput of MODEL on the server at URL.

    URL is http://127.0.0.1:8501, or 127.0.0.1:8500 with --api grpc. The server may be
    ours, TensorFlow Serving, or any that speaks one of the protocols.

    Example: zoo bench http://127.0.0.1:8501 lenet5.mnist --concurrency 1,16,64
    """
    from serving.bench.load import Load
    from serving.bench.measure import measure
    from serving.bench.picture import draw

    if given is not None and replay is not None:
        raise ArgumentError("--input and --replay both say what is sent; give one.")
    target = _target(url, model, api, version, signature, batch_size, given, replay)
    base = Load(
        arrivals=arrivals, seconds=seconds, warmup_seconds=warmup, timeout=timeout
    )
    if rate is None:
        loads = [
            dataclasses.replace(base, concurrency=each)
            for each in concurrency or (1, 4, 16, 64)
        ]
    else:
        connections = max(concurrency or [_CONNECTIONS])
        loads = [
            dataclasses.replace(base, concurrency=connections, rate=each)
            for each in rate
        ]
    found = []
    for load in loads:
        name = f"rate {load.rate:g}" if load.rate else f"concurrency {load.concurrency}"
        messages.inform(f"{name}: {warmup:g} + {seconds:g} s ...")
        found.append(measure(target, load, processes))
    if picture is not None:
        draw(found, f"{model} over {api}", picture)
    if as_json:
        rows = [each.as_json() for each in found]
        display.echo_json({"model": model, "api": api, "measurements": rows})
    else:
        display.echo_table([_row(each) for each in found])
        words = {kind: said for each in found for kind, said in each.words.items()}
        for kind, said in sorted(words.items()):
            messages.inform(printable(f"{kind}: {said}"))
    if not any(len(each.latencies) for each in found):
        raise ArgumentError(_nothing(found[0]))


def _nothing(measurement: "Measurement") -> str:
    kinds = [
        f'{kind}, "{printable(measurement.words[kind])}"'
        if kind in measurement.words
        else kind
        for kind in sorted(measurement.errors)
    ]
    if kinds:
        said = "; ".join(kinds)
        return f"No request was answered: {said}. Check with `zoo predict --url`."
    return (
        f"No request was answered in {measurement.load.seconds:g} s. Give more seconds "
        "to --warmup: a signature that TensorFlow answers has to be loaded first."
    )


def _target(
    url: str,
    model: str,
    api: str,
    version: int | None,
    signature: str | None,
    batch_size: int,
    given: Path | None,
    replay: Path | None,
) -> "Target":
    from serving.bench.inputs import describe_inputs, read_arrays
    from serving.bench.replay import read_calls
    from serving.bench.requests import Call, make_target
    from serving.bench.sample import make_sample
    from serving.protocol.model_spec import ModelSpec
    from serving.protocol.signature_def import DEFAULT_SIGNATURE_NAME

    spec = ModelSpec(model, version)
    if replay is not None:
        return make_target(url, api, spec, read_calls(replay, model, signature))
    if given is not None and given.suffix != ".npz":
        return make_target(url, api, spec, [], given.read_bytes())
    signature = signature or DEFAULT_SIGNATURE_NAME
    if given is not None:
        inputs = read_arrays(given)
    else:
        inputs = make_sample(describe_inputs(url, api, spec, signature), batch_size)
    return make_target(url, api, spec, [Call(inputs, signature)])


def _row(measurement: "Measurement") -> dict[str, Any]:
    from serving.bench.measurement import PERCENTILES

    load = measurement.load
    head = {"concurrency": load.concurrency}
    if load.rate is not None:
        head = {"rate": f"{load.rate:g}"}
    errors = [f"{count} {kind}" for kind, count in sorted(measurement.errors.items())]
    return {
        **head,
        "answers/s": f"{measurement.throughput:.0f}",
        **{
            f"p{percent:g} ms": f"{measurement.percentile(percent):.2f}"
            for percent in PERCENTILES
        },
        "errors": ", ".join(errors) or "none",
    }
