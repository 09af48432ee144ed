"""The task of a model: loss, metrics, encoding, and named outputs.

A task that existing architectures serve as well (regression beside classification) is
one more module here: `fixed_by_data` gives the size of the head as `num_classes`,
`head` completes what a builder returns, and registrations name it in `also`.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np

from zoo.datasets import Dataset
from zoo.datasets.finding import Finding
from zoo.environments.playing import Policy
from zoo.tasks.assessment import Scores
from zoo.tasks.baselines import Baseline
from zoo.tasks.encoding import Encoding, complete

Config = dict[str, Any]


class Selection(NamedTuple):
    """Some of the outputs of a task.

    Args:
        outputs: Their names.
        description: One line on what they are.
    """

    outputs: tuple[str, ...]
    description: str


def _nothing(model: keras.Model, data: Dataset) -> None:
    pass


def _keep(data: Dataset, encoding: Config) -> Config:
    return {}


def _lossless(raw: Dataset, data: Dataset, encoding: Config) -> tuple[()]:
    return ()


def _as_built(model: keras.Model) -> keras.Model:
    return model


def _plain(loss: keras.losses.Loss) -> keras.losses.Loss:
    return loss


def _any_data(task: "Task", data: Dataset) -> "Task":
    return task


def _in_memory(
    source: str, data_dir: str | None, reading: Mapping[str, Any]
) -> Dataset | None:
    return None


def _none(model: keras.Model, data: Dataset) -> dict[str, float]:
    return {}


def _unassessed(outputs: np.ndarray, data: Dataset, *, are_probable: bool) -> Scores:
    return Scores({}, {})


def _no_baseline(data: Dataset) -> None:
    return None


@dataclasses.dataclass(frozen=True)
class Task:
    """A kind of problem.

    A task knows how raw data is encoded as arrays, how predictions are scored, and
    which named tensors an exported model returns.

    Args:
        name: What a `ModelSpec` and a `Dataset` name it by.
        loss: Name in `custom_layers.losses` and its arguments.
        metrics: Makes the metrics that training reports.
        monitor: Validation metric that chooses the weights to keep, unless the recipe
            names another.
        prepare: Makes the arrays from data that may be raw, by a complete encoding; a
            vocabulary that the data brings is kept. Raises a `DatasetError` where data
            is of another kind.
        fixed_by_data: Arguments of builders that the prepared data decides.
        fixed_in_model: The same of a built model, those that can be read off it.
        optional: Those of these arguments that only some builders have.
        outputs: The named tensors that the exported model returns.
        average: Averages the predictions of several models; None where these cannot be
            compared.
        encoding: The fields of a recipe's `encoding`.
        signatures: Functions of the exported model with some of the `outputs`, besides
            the one that returns all, by name.
        raw: What the model's own output is called as a signature; None where it is one
            of the `outputs`.
        text: How strings become tokens where a model was trained on text: `sentences`
            of words, a text of `characters`, single `tokens`, `words` in any case, or
            `pairs` of texts.
        names: Outputs that are class ids, or token ids where there are no labels, and
            the name of the output that holds their labels or tokens.
        stream: Opens a source that is read in a stream, by its name or path, the data
            folder and the options of reading; None for what `load_dataset` reads.
        figures: Metrics and details of a trained model and its vocabulary, in place of
            those on a test split, by the data folder; see `word_figures`.
        inform: Sets in a new model what it needs of the data before training.
        more_scores: Metrics on the test split, besides loss and `metrics`, that are
            computed once at the end of a training.
        epoch_scores: Metrics on the validation split, besides loss and `metrics`, that
            are computed after each epoch.
        assess: Further metrics and details of the model's outputs for the test split,
            which are logits that are `are_probable` or not; see `assess_classes`.
        policy: Makes of a model the function from observations to actions that it acts
            by. The episodes that it plays measure it, in place of loss, `metrics`,
            `assess` and `more_scores` on the test split.
        baseline: Measures the simplest method on the test split.
        headline: The test metric that results are listed by.
        choose: Chooses the fields of a complete encoding that are None, which are those
            of `encoding.of_data`, by the raw data.
        losses: Yields findings on what an encoding leaves out, by the raw data, the
            encoded one and the encoding.
        head: Completes a model as its builder returns it, such as by a layer behind the
            head.
        wrap_loss: Makes the loss that is computed from that of the recipe or the task.
        fitted: Returns a task whose losses and metrics know the encoded data.
    """

    name: str
    loss: tuple[str, Config]
    metrics: Callable[[], list[keras.Metric]]
    monitor: str
    prepare: Callable[[Dataset, Config], Dataset]
    fixed_by_data: Callable[[Dataset], Config]
    fixed_in_model: Callable[[keras.Model], Config]
    outputs: Callable[[keras.Model], dict[str, Any]]
    optional: tuple[str, ...] = ()
    average: Callable[[list[Any]], Any] | None = None
    encoding: type[Encoding] = Encoding
    signatures: dict[str, Selection] = dataclasses.field(default_factory=dict)
    raw: str | None = None
    text: str = "sentences"
    names: dict[str, str] = dataclasses.field(default_factory=dict)
    stream: Callable[..., Dataset | None] = _in_memory
    figures: Callable[..., Scores] | None = None
    inform: Callable[[keras.Model, Dataset], None] = _nothing
    more_scores: Callable[[keras.Model, Dataset], dict[str, float]] = _none
    epoch_scores: Callable[[keras.Model, Dataset], dict[str, float]] = _none
    assess: Callable[..., Scores] = _unassessed
    policy: Callable[[keras.Model], Policy] | None = None
    baseline: Callable[[Dataset], Baseline | None] = _no_baseline
    headline: str = "accuracy"
    choose: Callable[[Dataset, Config], Config] = _keep
    losses: Callable[[Dataset, Dataset, Config], Iterable[Finding]] = _lossless
    head: Callable[[keras.Model], keras.Model] = _as_built
    wrap_loss: Callable[[keras.losses.Loss], keras.losses.Loss] = _plain
    fitted: Callable[["Task", Dataset], "Task"] = _any_data

    def of(self, data: Dataset) -> "Task":
        """Returns the task with losses and metrics for this data, as it is encoded."""
        return self.fitted(self, data)

    def settings(self, encoding: Config) -> Config:
        """Returns a recipe's `encoding` with what it leaves out.

        Raises:
            ArgumentError: If the task knows no such setting, or not such a value.
        """
        return complete(self.encoding, encoding)

    def encode(self, data: Dataset, encoding: Config) -> Dataset:
        """Makes the arrays of a training from data that may be raw.

        Args:
            data: Of the task's kind.
            encoding: What the recipe says; the task's own settings where it is silent.

        Raises:
            ArgumentError: If the encoding does not fit the task.
            DatasetError: If the data does not.
        """
        return self.prepare(data, self.settings(self.fit(data, encoding)))

    def without_data(self, encoding: Config) -> Config:
        """Returns an encoding without the fields that other data decides anew."""
        return {k: v for k, v in encoding.items() if k not in self.encoding.of_data}

    def tokens_of(self, encoding: Config) -> str:
        """Returns how strings become tokens by an encoding, as in `text`."""
        is_by_characters = encoding.get("units") == "characters"
        return "characters" if is_by_characters else self.text

    def fit(self, data: Dataset, encoding: Config) -> Config:
        """Returns an encoding with the fields that the training split decides.

        Arrays are encoded already, and have none.
        """
        if not data.has_texts:
            return encoding
        chosen = self.choose(data, self.settings(encoding))
        return {**chosen, **{k: v for k, v in encoding.items() if v is not None}}
