"""A folder of inputs, in the order of their paths."""

from collections.abc import Iterator
from pathlib import Path

from zoo import messages
from zoo.datasets.picture_file import find_pictures
from zoo.errors import DatasetError
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
from zoo.inference.inputs.form import READERS, Reader, form_of
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options

_ARRAYS = (arrays.read_npy, arrays.read_npz, json_file.read, json_lines.read)
_TABLES = (tables.read, parquet.read, excel.read)
# What files beside others are read for a kind of model; a README is not.
_READ: dict[str, tuple[Reader, ...]] = {
    "sounds": (sounds.read,),
    "texts": (sentences.read, *_TABLES, json_lines.read, json_file.read),
    "tokens": (sentences.read, *_TABLES, json_lines.read, json_file.read),
    "series": _TABLES,
    "rows": (*_TABLES, *_ARRAYS),
    "arrays": _ARRAYS,
}


def files_in(folder: Path, model: ModelInput) -> tuple[list[Path], list[Path]]:
    """Finds the files in a folder and its sub-folders that a model reads.

    Text files hold one text each there.

    Returns:
        Those, and the other files that are not hidden.

    Raises:
        DatasetError: If there are none.
    """
    found, others = find_pictures(folder)
    if model.kind != "pictures":
        wanted, held = _READ[model.kind], sorted([*found, *others])
        found = [p for p in held if READERS.get(form_of(p) or "") in wanted]
        others = [p for p in held if READERS.get(form_of(p) or "") not in wanted]
    if not found:
        raise DatasetError(
            f"{folder} holds no files that are read; {model.name} takes "
            f"{model.describe()}."
        )
    return found, others


def read(folder: Path, model: ModelInput, options: Options) -> Iterator[Batch]:
    """Yields the samples of each file in a folder, and says which are left out.

    Raises:
        DatasetError: If there are none, or one does not fit the model.
    """
    found, others = files_in(folder, model)
    if others:
        messages.inform(
            f"{folder}: {len(others):,} of {len(found) + len(others):,} files left "
            f"out, such as {others[0].relative_to(folder)}."
        )
    for path in found:
        yield from _read(path, model, options)


def _read(path: Path, model: ModelInput, options: Options) -> Iterator[Batch]:
    if model.kind == "pictures":
        yield from pictures.read(path, model, options)
    elif model.takes_text and form_of(path) in (".txt", ".txt.gz"):
        yield sentences.of_file(path, model, options)
    else:
        yield from READERS[form_of(path) or ""](path, model, options)
