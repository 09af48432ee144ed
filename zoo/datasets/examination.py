"""What data holds, and what is wrong with it, without a model."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from zoo.datasets import load_dataset
from zoo.datasets.column import Column
from zoo.datasets.dataset import Dataset
from zoo.datasets.dataset_type import type_of
from zoo.datasets.examined_splits import examine_splits
from zoo.datasets.finding import Finding
from zoo.errors import DatasetError

_MANY_CLASSES = 20
_QUANTILES = (0.5, 0.95, 1.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Examination:
    """What `zoo data` shows.

    Args:
        name: Of the data.
        kind: What was recognized, such as `a .csv table`; nothing if nothing was.
        data: The dataset; None where it was refused.
        refusal: Why it was.
        columns: Of a table, in their order.
        findings: What was decided and found.
    """

    name: str
    kind: str
    data: Dataset | None
    refusal: str
    columns: list[Column]
    findings: tuple[Finding, ...]

    @property
    def classes(self) -> list[dict[str, Any]]:
        """Name, samples in all splits and fraction of them, the commonest class first.

        None where samples have no labels of their own.
        """
        if self.data is None or self.data.task != "classification":
            return []
        y = np.concatenate([split.y for split in self.data.splits.values()])
        counts = np.bincount(y, minlength=self.data.num_classes)
        return [
            {
                "name": self.data.labels[place],
                "samples": int(counts[place]),
                "share": float(counts[place] / len(y)),
            }
            for place in np.argsort(-counts, kind="stable")
        ]

    @property
    def words(self) -> dict[str, int]:
        """Words of a text in the training split, at some quantiles."""
        data = self.data
        if (
            data is None
            or data.task != "classification"
            or data.train.x.dtype != object
        ):
            return {}
        lengths = [len(text.split()) for text in data.train.x]
        return {
            f"{quantile:.0%}": int(np.quantile(lengths, quantile))
            for quantile in _QUANTILES
        }

    def facts(self) -> dict[str, str]:
        """Returns what it is in words: a line for each name."""
        facts = {"data": f"{self.name}, {self.kind}"}
        if self.data is None:
            return facts
        splits = ", ".join(f"{len(s.x):,} {k}" for k, s in self.data.splits.items())
        facts |= {"task": self.data.task.replace("_", " "), "samples": splits}
        if self.data.input_shape:
            facts["shape"] = " x ".join(map(str, self.data.input_shape))
        if self.classes:
            shown = self.classes[:_MANY_CLASSES]
            named = [f"{c['name']} {c['samples']:,} ({c['share']:.1%})" for c in shown]
            more = len(self.classes) - len(shown)
            facts["classes"] = ", ".join(named) + (f" and {more} more" if more else "")
        if self.words:
            lengths = ", ".join(f"{n:,} at {q}" for q, n in self.words.items())
            facts["words"] = f"{lengths} of the texts"
        return facts

    def as_json(self) -> dict[str, Any]:
        """Returns all of it for scripts."""
        found: dict[str, Any] = {"name": self.name, "kind": self.kind}
        if self.data is not None:
            found |= {
                "task": self.data.task,
                "samples": {k: len(s.y) for k, s in self.data.splits.items()},
                "shape": list(self.data.input_shape),
                "classes": self.classes,
                "words": self.words,
            }
        found |= {
            "columns": [column.describe() for column in self.columns],
            "findings": [dataclasses.asdict(finding) for finding in self.findings],
            "refusal": self.refusal or None,
        }
        return found


def examine_data(
    name_or_path: str | Path, *, data_dir: str | Path | None = None, **reading: Any
) -> Examination:
    """Examines data as a training would read it.

    What a training refuses is a `refusal` here.

    Args:
        name_or_path: What `load_dataset` takes.
        data_dir: As there.
        reading: As there.

    Raises:
        DatasetError: If there is no such file or name.
    """
    found = type_of(name_or_path)
    path = Path(name_or_path)
    if found is None and not path.exists():
        raise DatasetError(f"There is no file or folder {path}; check the path.")
    columns: list[Column] = []
    data, refusal, findings = None, "", ()
    try:
        if found is not None and found.columns is not None:
            given = {key: reading[key] for key in reading if key in found.options}
            columns = found.columns(name_or_path, **given)
        data = load_dataset(name_or_path, data_dir=data_dir, **reading)
        findings = (*data.findings, *examine_splits(data))
    except DatasetError as error:
        refusal = str(error)
    return Examination(
        name=str(name_or_path),
        kind="" if found is None else found.help,
        data=data,
        refusal=refusal,
        columns=columns,
        findings=findings,
    )
