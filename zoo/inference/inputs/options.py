"""How inputs are read."""

import dataclasses

from zoo.inference.inputs.remarks import Remarks


@dataclasses.dataclass(frozen=True)
class Options:
    """How inputs are read.

    Args:
        invert: Whether pictures are inverted: black becomes white.
        charset: Character encoding of text files; UTF-8 if None.
        no_header: Whether the first row of a table holds values whatever it looks like.
        sheet: Name of the sheet of an Excel file; the first one if None.
        keep: Names of columns of a table that stand beside the answers.
        group: Name of the column that says which of several series a row belongs to.
        rate: Samples a second that a model of sounds takes, where that is not known.
        form: Suffix of the form of standard input, such as `.csv`; found out if None.
        remarks: Who says what was done to samples.
    """

    invert: bool = False
    charset: str | None = None
    no_header: bool = False
    sheet: str | None = None
    keep: tuple[str, ...] = ()
    group: str | None = None
    rate: int | None = None
    form: str | None = None
    remarks: Remarks = dataclasses.field(default_factory=Remarks)
