"""Ships the weights of a finished run in the package.

`python -m zoo.results.shipping runs/lenet5.digits/1` after the recipe's own command,
then `python -m zoo.results` for the catalogue.
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

from zoo.errors import RunError
from zoo.files import write_json
from zoo.registry import list_models
from zoo.runs.reading import read_config, read_history, read_metrics
from zoo.weights import INDEX, read_model

MAX_BYTES = 2_000_000
_ACCURACY_TOLERANCE = 0.001
_NATS_TOLERANCE = 0.2  # codes are sampled again
_RETURN_TOLERANCE = 5.0  # one of a hundred episodes may end early
_RELATIVE_TOLERANCE = 0.01


def ship(run: Path) -> Path:
    """Copies the weights of a run into `zoo/weights` and adds them to the index.

    Args:
        run: A finished run folder of a registered `architecture.dataset`.

    Returns:
        The file, named after its sha256.

    Raises:
        RunError: If no instance has that name, or the weights are too large.
    """
    config = read_config(run)
    name = f"{config['name'].partition('.')[0]}.{config['dataset']}"
    if name not in list_models():
        raise RunError(f"{name!r} is not registered; register the instance first.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.weights.h5")
        read_model(run / "model.keras").save_weights(path)
        content = path.read_bytes()
    if len(content) > MAX_BYTES:
        raise RunError(f"{len(content):,} bytes are too many to ship ({MAX_BYTES:,}).")
    metrics = read_metrics(run)
    digest = hashlib.sha256(content).hexdigest()
    for old in INDEX.parent.glob(f"{name}-*.weights.h5"):
        old.unlink()
    file = INDEX.parent / f"{name}-{digest[:8]}.weights.h5"
    file.write_bytes(content)
    entry = {
        "file": file.name,
        "sha256": digest,
        "labels": config["labels"],
        "vocabulary": config["vocabulary"],
        "metrics": metrics,
        "tolerance": {name: tolerance(name, value) for name, value in metrics.items()},
        "command": f"zoo train {config['name']} --dataset {config['dataset']} "
        f"--epochs {config['recipe']['epochs']} --seed {config['recipe']['seed']}",
        "seconds": round(_seconds(run), 1),
        "versions": config["versions"],
        "device": config["device"],
    }
    write_json(
        INDEX, dict(sorted((json.loads(INDEX.read_text()) | {name: entry}).items()))
    )
    return file


def tolerance(metric: str, value: float) -> float:
    """Tolerance of a metric that is recomputed on another machine.

    >>> tolerance("accuracy", 0.98), tolerance("loss", 2.0)
    (0.001, 0.02)
    """
    absolute = {
        "accuracy": _ACCURACY_TOLERANCE,
        "elbo": _NATS_TOLERANCE,
        "log_likelihood": _NATS_TOLERANCE,
        "return_std": _RETURN_TOLERANCE,
    }
    return absolute.get(metric, _RELATIVE_TOLERANCE * abs(value))


def _seconds(run: Path) -> float:
    return sum(row["seconds"] for row in read_history(run))


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        print(ship(Path(argument)))
