"""Answers of many processes or machines, by Ray Data.

Each part of the inputs is answered by one worker, which writes it as a Parquet file
under its number and then renames it. If a worker dies, Ray gives the part to another
one, which writes the same file again: so each row is answered once.
"""

import contextlib
import dataclasses
import logging
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from zoo.cli.predicting.asking import open_answerer
from zoo.cli.predicting.parts import Part, parts_of, read_part
from zoo.cli.predicting.progress import Progress
from zoo.errors import ArgumentError, DatasetError, ZooError
from zoo.files import replacing
from zoo.inference.answers.answerer import outputs_of
from zoo.inference.answers.parquet_writer import ParquetWriter
from zoo.inference.answers.table import tabulate
from zoo.inference.answers.writer import writing
from zoo.inference.inputs.options import Options
from zoo.inference.inputs.remarks import Remarks


@dataclasses.dataclass(frozen=True)
class Job:
    """What every worker does.

    Args:
        what: A name, a run folder, a `.keras` file or an artifact, as all machines see
            it.
        reading: How inputs are read: arguments of `Options`.
        top: How many classes a row names.
        trust: Whether what inspection refuses may be run.
    """

    what: str
    reading: dict[str, Any]
    top: int
    trust: bool


class Worker:
    """Answers parts; Ray makes one in each of its processes.

    Args:
        job: What it does.
        parts: All parts, of which it answers some.
        folder: Where they are written.
    """

    def __init__(self, job: Job, parts: Sequence[Part], folder: str) -> None:
        self._job, self._parts, self._folder = job, parts, Path(folder)
        remarks = Remarks()
        self._options = Options(**job.reading, remarks=remarks)
        self._answerer = open_answerer(job.what, remarks, url=None, trust=job.trust)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Answers a part; an expected error comes back as a sentence."""
        part = self._parts[row["part"]]
        path = self._folder / f"part-{part.number:05}.parquet"
        answers = read = 0
        try:
            with writing(path, ParquetWriter) as writer:
                for batch in read_part(part, self._answerer.takes, self._options):
                    outputs = outputs_of(self._answerer, batch)
                    writer.write(
                        tabulate(batch, outputs, self._answerer, self._job.top)
                    )
                    answers, read = answers + len(batch), read + batch.read
        except ZooError as error:
            return {"answers": 0, "read": 0, "error": str(error)}
        return {"answers": answers, "read": read, "error": ""}


def score(job: Job, inputs: Sequence[str], output: Path, workers: int | None) -> int:
    """Answers inputs into a folder of Parquet files, which appears at the end, whole.

    Args:
        job: What every worker does.
        inputs: Files and folders, as all machines see them.
        output: The folder; it must be new or empty.
        workers: Processes; one for each CPU of the cluster if None.

    Returns:
        The number of answers.

    Raises:
        ArgumentError: If the folder holds something.
        DatasetError: If an input does not fit, or Ray is missing.
    """
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise ArgumentError(
            f"--output {output} is there already; --engine ray writes a new folder."
        )
    with open_answerer(job.what, Remarks(), url=None, trust=job.trust) as answerer:
        parts = parts_of([os.path.abspath(each) for each in inputs], answerer.takes)  # noqa: PTH100
    total = sum(
        {p: Path(p).stat().st_size for each in parts for p in each.paths}.values()
    )
    with (
        _ray() as ray,
        replacing(output.absolute()) as folder,
        Progress(total) as progress,
    ):
        folder.mkdir()
        count = workers or int(ray.cluster_resources().get("CPU", 1))
        for row in _answered(ray, job, parts, folder, min(count, len(parts))):
            if row["error"]:
                raise DatasetError(row["error"])
            progress.add(row["answers"], row["read"])
        for left in folder.glob(".part-*"):  # what a worker that died has begun
            shutil.rmtree(left)
        return progress.answers


def _answered(
    ray: Any, job: Job, parts: list[Part], folder: Path, workers: int
) -> Iterator[dict[str, Any]]:
    rows = [{"part": part.number} for part in parts]
    found = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
        Worker,
        fn_constructor_args=(job, parts, str(folder)),
        compute=ray.data.ActorPoolStrategy(size=workers),
    )
    return iter(found.iter_rows())


@contextlib.contextmanager
def _ray() -> Iterator[Any]:
    """Yields Ray: the cluster that RAY_ADDRESS names, or one of this machine."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise DatasetError(
            'For --engine ray: pip install "keras-serving-zoo[ray]".'
        ) from error
    settings: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if "RAY_ADDRESS" not in os.environ:
        settings["include_dashboard"] = False
    ray.init(**settings)
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False
    try:
        # Ray prints what happened to workers.
        with contextlib.redirect_stdout(sys.stderr):
            yield ray
    finally:
        ray.shutdown()
