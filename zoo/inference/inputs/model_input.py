"""What a model takes, as far as inputs of users are made of it."""

import dataclasses
import math
import re
from collections.abc import Callable
from typing import Literal

from zoo.datasets.input_column import InputColumn
from zoo.errors import DatasetError
from zoo.inference.pictures import Pixels
from zoo.input_statistics import InputStatistics
from zoo.reading import Fit

Kind = Literal["pictures", "sounds", "texts", "tokens", "series", "rows", "arrays"]
_BATCH_BYTES = 2**24  # of the samples that are answered together
_MOST = 4096  # of them
_FILES = 8  # of pictures, which may be large
# Of tasks whose answers are no labels or numbers for each sample.
_COMMANDS = {
    "language_modelling": "`zoo generate {name} --prompt TEXT` continues a text",
    "translation": "`zoo translate {name} TEXT` translates one",
    "embedding": "`zoo neighbours {name} WORD` lists the words nearest to one",
}
# A row or a JSON document in place of its file.
_VALUES = re.compile(r"\s*[\[{]|\s*[-+]?[\d.]+(e[-+]?\d+)?\s*[,;]", re.IGNORECASE)
_SAMPLES = "`zoo sample {name}` draws samples"
_EPISODES = "`zoo play {name}` plays episodes"
# Of tasks whose models are rather used by another command, beside their answers.
_BESIDE = {
    "adversarial": _SAMPLES,
    "generation": _SAMPLES,
    "policy_gradient": _EPISODES,
    "q_learning": _EPISODES,
}


@dataclasses.dataclass(frozen=True)
class ModelInput:
    """What a model takes.

    Args:
        name: Of the model.
        shape: Of a sample; `None` is any size.
        task: Name in `zoo.tasks`, where it is known.
        takes_text: Whether texts become samples.
        columns: Of the table that it was trained on, where they are known.
        takes_cells: Whether a sample is the cells of these columns, numbers or texts,
            in place of a row of a matrix.
        column_key: Maps the names of columns to keys that are the same for one column
            in a header and in `columns`.
        text_column: Name of the column of its texts, where it is known.
        series: Name of the column of its series, where it is known.
        pixels: Those of its training images, where they are known.
        fit: How pictures get its size.
        takes_files: Whether a sample of pictures is a file of any size, which the model
            fits and scales itself.
        takes_sounds: Whether samples are waveforms.
        rate: Samples a second of these, where they are known.
        statistics: Of the inputs of its training, where they are known.
        given: What a command line says in place of its name, such as a path.
    """

    name: str
    shape: tuple[int | None, ...]
    task: str | None = None
    takes_text: bool = False
    columns: tuple[InputColumn, ...] = ()
    takes_cells: bool = False
    column_key: Callable[[str], str] = str
    text_column: str | None = None
    series: str | None = None
    pixels: Pixels | None = None
    fit: Fit = "resize"
    takes_files: bool = False
    takes_sounds: bool = False
    rate: int | None = None
    statistics: InputStatistics | None = None
    given: str | None = None

    @property
    def kind(self) -> Kind:
        """What a sample is made of."""
        if self.takes_text:
            return "tokens" if self.task == "tagging" else "texts"
        if self.takes_sounds:
            return "sounds"
        if self.task == "forecasting":
            return "series"
        if self.is_for_a_command:
            return "arrays"
        if len(self.shape) == 3:
            return "pictures"
        return "rows" if len(self.shape) == 1 else "arrays"

    @property
    def is_for_a_command(self) -> bool:
        """Whether another command than `zoo predict` takes its texts."""
        return self.task in _COMMANDS

    @property
    def batch_size(self) -> int:
        """Samples that are answered together, so that memory stays small."""
        if self.takes_files:
            return _FILES
        size = 4 * math.prod(axis or 256 for axis in self.shape)
        return max(1, min(_MOST, _BATCH_BYTES // max(1, size)))

    def describe(self) -> str:
        """What it takes, for a sentence."""
        shape = f"of shape {self.shape}"
        return {
            "pictures": f"pictures, or arrays {shape}",
            "sounds": f"sounds, or arrays {shape}",
            "texts": "texts",
            "tokens": "sentences",
            "series": f"series of {self.shape[0]} values or more",
            "rows": f"tables of {self.shape[0]} columns, or arrays {shape}",
            "arrays": f"arrays {shape}",
        }[self.kind]

    def refusal(self, what: str) -> DatasetError:
        """Returns the error of an input that is of another kind."""
        if not self.is_for_a_command:
            return DatasetError(f"{what}; {self.name} takes {self.describe()}.")
        command = _COMMANDS[self.task or ""]
        return DatasetError(
            f"{self.name} is a model for {(self.task or '').replace('_', ' ')}: "
            f"{self._typed(command)}; it answers to no other input than "
            ".npy and .json files of token ids."
        )

    def missing(self, given: str, *, is_path: bool) -> DatasetError:
        """Returns the error of an input that is no file.

        Args:
            given: The input.
            is_path: Whether it looks like a path, in place of a text.
        """
        if self.is_for_a_command and not is_path:
            return self.refusal(f"{given} is text")
        beside = "" if is_path else _BESIDE.get(self.task or "", "")
        more = f"; {self._typed(beside)}" if beside else ""
        if _VALUES.match(given):
            more = "; the input - reads such values from standard input"
        return DatasetError(f"There is no file {given}{more}.")

    def _typed(self, command: str) -> str:
        """A command with the model as it is given to one."""
        return command.format(name=self.given or self.name)
