"""Files of other programs, and how each becomes one that is read."""

import json
import shlex
from pathlib import Path

from zoo.datasets.picture_file import SUFFIXES as PICTURES
from zoo.datasets.sound_file import SUFFIXES as SOUNDS

_PANDAS = "import pandas; pandas.{read}({path}).to_csv({made}, index=False)"
_BY_PANDAS = {
    ".xls": ("an old Excel file", "read_excel"),
    ".xlsb": ("a binary Excel file", "read_excel"),
    ".ods": ("a spreadsheet of LibreOffice", "read_excel"),
    ".feather": ("a Feather file", "read_feather"),
    ".dta": ("a file of Stata", "read_stata"),
    ".sav": ("a file of SPSS", "read_spss"),
    ".sas7bdat": ("a file of SAS", "read_sas"),
    ".xpt": ("a file of SAS", "read_sas"),
    ".orc": ("an ORC file", "read_orc"),
}
_ARCHIVE = "is an archive; unpack it"
_OTHERS = {
    ".npy": "is one array; write samples and targets into one file by numpy.savez(path,"
    " x=..., y=...)",
    ".mat": "is a file of MATLAB; read it by scipy.io.loadmat and write the samples and"
    " targets by numpy.savez(path, x=..., y=...)",
    ".h5": "is an HDF5 file; read it by h5py and write the samples and targets by "
    "numpy.savez(path, x=..., y=...)",
    ".pkl": "is a pickle, which can run code, so it is not read; write the table by its"
    " to_csv, or arrays by numpy.savez(path, x=..., y=...)",
    ".rds": "is a file of R; there, write.csv(readRDS({text}), {made_text}, "
    "row.names = FALSE)",
    ".rdata": "is a file of R; there, load it and write.csv(...) the table",
    ".arff": "is a file of Weka; call what follows its line @data {made}",
    ".data": "has the suffix .data; if it is a table, call it {made}",
    ".dat": "has the suffix .dat; if it is a table, call it {made}",
    **dict.fromkeys((".zip", ".tar", ".tgz", ".7z", ".rar"), _ARCHIVE),
    **dict.fromkeys((".gz", ".bz2", ".xz", ".zst"), "is compressed; unpack it"),
    ".tfrecord": "holds records of TensorFlow, which do not say what is in them; build "
    "a data set of them by TensorFlow Datasets, or write an .npz file",
    ".db": "is a database; write the table into a .csv file: sqlite3 -header -csv "
    "{path} 'select * from TABLE' > {made}",
}
_SAME = {
    ".hdf5": ".h5",
    ".hdf": ".h5",
    ".pickle": ".pkl",
    ".joblib": ".pkl",
    ".rda": ".rdata",
    ".sqlite": ".db",
    ".sqlite3": ".db",
    ".tfrecords": ".tfrecord",
}


# Pictures and sounds of phones and cameras, and what makes of them one that is read.
_CONVERSIONS = {
    **dict.fromkeys((".heic", ".heif"), ("jpg", "heif-convert {path} {made}")),
    **dict.fromkeys(
        (".cr2", ".cr3", ".nef", ".arw", ".dng"),
        ("jpg", "darktable-cli {path} {made}"),
    ),
    **dict.fromkeys((".svg", ".pdf"), ("png", "magick {path} {made}")),
    **dict.fromkeys(
        (".m4a", ".aac", ".amr", ".wma", ".mp4", ".mov", ".3gp", ".webm"),
        ("wav", "ffmpeg -i {path} {made}"),
    ),
}


def is_unread_medium(path: Path) -> bool:
    """Whether a file is a picture or a sound of a form that is not read."""
    return path.suffix.lower() in _CONVERSIONS


def conversion(path: Path) -> str:
    """Returns the command that makes of such a file one that is read.

    >>> conversion(Path("a.m4a"))
    'convert each to .wav: ffmpeg -i a.m4a a.wav'
    """
    form, command = _CONVERSIONS[path.suffix.lower()]
    made = shlex.quote(str(path.with_suffix(f".{form}")))
    done = command.format(path=shlex.quote(str(path)), made=made)
    return f"convert each to .{form}: {done}"


def hint(path: Path) -> str | None:
    """Returns what a file is and how it becomes one that is read; None if unknown.

    >>> hint(Path("a.npy"))[:26]
    'a.npy is one array; write '
    """
    suffix = path.suffix.lower()
    suffix = _SAME.get(suffix, suffix)
    paths = [str(path), str(path.with_suffix(".csv"))]
    text, made_text = (json.dumps(each, ensure_ascii=False) for each in paths)
    medium = "picture" if suffix in PICTURES else "sound" if suffix in SOUNDS else ""
    if medium:
        return (
            f"{path} is one {medium}; a dataset is a folder with one for each class, or"
            f" a .csv table with the file and the label of each {medium}."
        )
    if suffix in _BY_PANDAS:
        what, read = _BY_PANDAS[suffix]
        code = shlex.quote(_PANDAS.format(read=read, path=text, made=made_text))
        return f"{path} is {what}; write it as a .csv file: python -c {code}"
    if suffix in _OTHERS:
        typed, made = map(shlex.quote, paths)
        names = {"path": typed, "made": made, "text": text, "made_text": made_text}
        return f"{path} {_OTHERS[suffix].format(**names)}."
    return None
