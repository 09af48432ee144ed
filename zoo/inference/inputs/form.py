"""The forms of inputs, by the suffix of a file."""

from collections.abc import Callable, Iterator
from pathlib import Path

from zoo.datasets.picture_file import SUFFIXES as PICTURES
from zoo.datasets.sound_file import SUFFIXES as SOUNDS
from zoo.inference.inputs import (
    arrays,
    excel,
    json_file,
    json_lines,
    parquet,
    pictures,
    sentences,
    sounds,
    tables,
)
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options

Reader = Callable[[Path, ModelInput, Options], Iterator[Batch]]

READERS: dict[str, Reader] = {
    **dict.fromkeys(PICTURES, pictures.read),
    **dict.fromkeys(SOUNDS, sounds.read),
    **dict.fromkeys((".csv", ".csv.gz", ".tsv", ".tsv.gz"), tables.read),
    **dict.fromkeys((".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz"), json_lines.read),
    **dict.fromkeys((".txt", ".txt.gz", ".conll", ".conllu", ".iob"), sentences.read),
    **dict.fromkeys((".parquet", ".pq"), parquet.read),
    ".xlsx": excel.read,
    ".json": json_file.read,
    ".npy": arrays.read_npy,
    ".npz": arrays.read_npz,
}


def form_of(path: Path) -> str | None:
    """Returns the suffix by which a file is read; None where it has no form."""
    name = path.name.lower()
    return next((s for s in sorted(READERS, key=len) if name.endswith(s)), None)
