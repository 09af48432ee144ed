"""How a dataset is read where its file does not say so itself."""

import dataclasses
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from zoo.validation import STRICT, OneLineErrors, fields_of

_FOLD = re.compile(r"[1-9]\d*/[1-9]\d*")
TextKind = Literal["labelled", "tagged", "parallel", "trees", "running"]
Fit = Literal["resize", "crop", "pad"]
Colour = Literal["grey", "rgb"]
_SIZE = re.compile(r"[1-9]\d{0,3}x[1-9]\d{0,3}")


def _names(value: Any) -> Any:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _size(value: Any) -> Any:
    if isinstance(value, str) and not _SIZE.fullmatch(value):
        raise ValueError("must be width and height, such as 64x48")
    return value


def _fold(value: Any) -> Any:
    if value is not None and not _FOLD.fullmatch(str(value)):
        raise ValueError("must be a fold and their number, such as 1/5")
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Reading(metaclass=OneLineErrors):
    """Options of `zoo.load_dataset`, and of every training.

    Each is None, or empty, where the content of the file decides. A dataset type names
    those that it takes.
    """

    charset: str | None = Field(
        None,
        description="Character encoding of a text or CSV file, such as cp1252 or "
        "utf-16; UTF-8 if none.",
    )
    kind: TextKind | None = Field(
        None,
        description="What a text file holds: labelled texts, tagged tokens, parallel "
        "texts (translations), trees in brackets, or running text; what its lines look "
        "like if none.",
    )
    task: str | None = Field(
        None,
        description="Task that the data is for, such as classification or regression; "
        "what the targets look like if none.",
    )
    no_header: bool = Field(
        False,
        description="The first row of a CSV file holds values, not names; the columns "
        "are called 1, 2, and so on.",
    )
    target: Names = Field(
        (),
        description="Column of a CSV file that holds the labels, or several that hold "
        "quantities; label, class, target or species, or the last one, if none.",
    )
    features: Names = Field(
        (),
        description="Columns of a CSV file that are read; all but the target if none.",
    )
    ignore: Names = Field((), description="Columns of a CSV file to leave out.")
    categories: Names = Field(
        (),
        description="Columns of a CSV file whose numbers are codes, such as postal "
        "codes: read as categories.",
    )
    drop_copies: bool = Field(
        False,
        description="Leave out the training samples that stand in validation or test, "
        "too.",
    )
    labelled: int | None = Field(
        None,
        ge=1,
        description="Number of training samples to keep, as many of each class as can "
        "be; all if none.",
    )
    sheet: str | None = Field(
        None, description="Sheet of an Excel file that is read; the first if none."
    )
    group: str | None = Field(
        None,
        description="Column of a CSV file that says which of several series a row "
        "belongs to, or which patient, say, that no two splits or folds may share; for "
        "files in folders, where their names say such a group: *_{group}_*.",
    )
    test_group: Names = Field(
        (), description="Groups that make the test split; drawn if none."
    )
    fit: Fit | None = Field(
        None,
        description="How pictures get one size: resize stretches them; crop and pad "
        "keep their proportions, and cut what is too long or add black.",
    )
    size: Annotated[str | None, BeforeValidator(_size)] = Field(
        None,
        description="Width and height of pictures, such as 64x48; what the model takes "
        "or the median ones of the pictures if none.",
    )
    colour: Colour | None = Field(
        None,
        description="Whether pictures are read in grey or in colour; as the model "
        "takes them, or else in grey where all are, if none.",
    )
    rate: int | None = Field(
        None,
        ge=1_000,
        le=192_000,
        description="Samples a second of sounds; the commonest of the files, at most "
        "16,000, if none.",
    )
    seconds: float | None = Field(
        None,
        gt=0,
        le=600,
        description="How long sounds are, the others being cut or continued by "
        "silence; as 98 % of them at most if none.",
    )
    fold: Annotated[str | None, BeforeValidator(_fold)] = Field(
        None,
        description="Fold of a cross-validation, such as 1/5: all samples are divided "
        "anew, and a fifth of them is the test split.",
    )


def takes_reading(function: Callable[..., Any]) -> Callable[..., Any]:
    """Puts the options of reading into the signature of a function of `**reading`."""
    signature = inspect.signature(function)
    open_ = inspect.Parameter.VAR_KEYWORD
    own = [each for each in signature.parameters.values() if each.kind is not open_]
    options = [
        inspect.Parameter(
            key,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=field.annotation,
        )
        for key, field in fields_of(Reading).items()
    ]
    function.__signature__ = signature.replace(  # pyright: ignore
        parameters=[*own, *options]
    )
    return function


def given_reading(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the options of reading among others, without those not given.

    >>> given_reading({"charset": "cp1252", "kind": None, "epochs": 3})
    {'charset': 'cp1252'}
    """
    return {k: values[k] for k in fields_of(Reading) if values.get(k)}


def reading_of(recipe: Any) -> dict[str, Any]:
    """Returns the options of reading that a recipe gives.

    >>> reading_of(Reading(kind="tagged"))
    {'kind': 'tagged'}
    """
    return given_reading(dataclasses.asdict(recipe))
