"""Hostile files in others' binary formats: sounds, sheets, Parquet, word vectors."""

import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow
import pyarrow.parquet
import soundfile

import zoo
from tests.hostile.measuring import Reader
from tests.hostile.writing import RANDOM, Write, content, link, packed, pipe
from zoo.word_vectors import WordVectors

# Sounds: a folder of two classes, one file of which is hostile


def sounds(name: str, data: bytes | Write) -> Write:
    def write(path: Path) -> Path:
        for label in "ab":
            (path / label).mkdir(parents=True)
            for i in range(12):
                (path / label / f"{i}.wav").write_bytes(wav(quiet(800)))
        if callable(data):
            data(path / "a" / name)
        else:
            (path / "a" / name).write_bytes(data)
        return path

    return write


def quiet(samples: int) -> bytes:
    return RANDOM.integers(-99, 99, samples, "int16").tobytes()


def wav(
    data: bytes,
    *,
    rate: int = 8_000,
    channels: int = 1,
    bits: int = 16,
    kind: int = 1,
    size: int | None = None,
) -> bytes:
    """A RIFF file, whose header may say anything of the samples."""
    block = channels * bits // 8
    header = struct.pack("<HHIIHH", kind, channels, rate, 0, block % 2**16, bits)
    size = len(data) if size is None else size
    body = b"WAVEfmt " + struct.pack("<I", 16) + header
    body += b"data" + struct.pack("<I", size) + data
    return b"RIFF" + struct.pack("<I", min(len(body), 2**32 - 1)) + body


def encoded(suffix: str, samples: np.ndarray, rate: int = 8_000) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=suffix)
    return file.getvalue()


FLAC = encoded("FLAC", RANDOM.normal(0, 0.1, 8_000))
OGG = encoded("OGG", RANDOM.normal(0, 0.1, 8_000))
FLOATS = np.array([0.1, np.nan, np.inf, -np.inf] * 200, "<f4").tobytes()
SOUNDS = {
    "a size of 4 GB": sounds("x.wav", wav(quiet(800), size=2**32 - 1)),
    "no samples": sounds("x.wav", wav(b"")),
    "a rate of zero": sounds("x.wav", wav(quiet(800), rate=0)),
    "a rate of 2^32": sounds("x.wav", wav(quiet(800), rate=2**32 - 1)),
    "a prime rate": sounds("x.wav", wav(quiet(80_000), rate=767_999)),
    "no channels": sounds("x.wav", wav(quiet(800), channels=0)),
    "65,535 channels": sounds("x.wav", wav(quiet(800), channels=65_535)),
    "no bits": sounds("x.wav", wav(quiet(800), bits=0)),
    "an unknown code": sounds("x.wav", wav(quiet(800), kind=0x7777)),
    "NaN": sounds("x.wav", wav(FLOATS, kind=3, bits=32)),
    "chunks without end": sounds(
        "x.wav", b"RIFF\xff\xff\xff\xffWAVE" + b"LIST\0\0\0\0" * 20_000
    ),
    "an hour of silence": sounds(
        "x.flac", encoded("FLAC", np.zeros(3_600 * 1_000, "int16"), 1_000)
    ),
    "ten minutes of silence": sounds(
        "x.flac", encoded("FLAC", np.zeros(599 * 8_000, "int16"))
    ),
    "a FLAC cut off": sounds("x.flac", FLAC[: len(FLAC) // 2]),
    "a FLAC of noise": sounds("x.flac", FLAC[:100] + quiet(4_000)),
    "an OGG cut off": sounds("x.ogg", OGG[: len(OGG) // 2]),
    "an OGG of noise": sounds("x.ogg", OGG[:100] + quiet(4_000)),
    "a picture": sounds("x.wav", b"\x89PNG\r\n\x1a\n" + bytes(1_000)),
    "an empty file": sounds("x.wav", b""),
    "a pipe": sounds("x.wav", pipe(".wav")),
    "a device": sounds("x.wav", link(".wav", "/dev/zero")),
}


def honest_sounds(path: Path) -> Path:
    return sounds("x.wav", wav(quiet(599 * 8_000)))(path)


# Sheets of Excel


def sheet(rows: str, **members: str) -> Write:
    """A workbook with these rows, in XML, in its one sheet."""

    def write(path: Path) -> Path:
        path = path.with_suffix(".xlsx")
        book = openpyxl.Workbook()
        book.active.append(["a", "label"])
        book.save(path)
        with zipfile.ZipFile(path) as file:
            held = {name: file.read(name) for name in file.namelist()}
        head = held["xl/worksheets/sheet1.xml"].partition(b"<sheetData>")[0]
        text = head.decode() + f"<sheetData>{rows}</sheetData></worksheet>"
        held["xl/worksheets/sheet1.xml"] = text.encode()
        held |= {
            name.replace("__", "/"): text.encode() for name, text in members.items()
        }
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, data in held.items():
                file.writestr(name, data)
        return path

    return write


def cell(value: str, place: str = "", kind: str = "str") -> str:
    place = f' r="{place}"' if place else ""
    return f'<c{place} t="{kind}"><v>{value}</v></c>'


def row(*values: str) -> str:
    return f"<row>{''.join(map(cell, values))}</row>"


ROWS = row("a", "label") + "".join(row(str(i), "xy"[i % 2]) for i in range(40))
ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {y} "{f"&{x};" * 10}">'
        for x, y in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><sst><si><t>&i;</t></si></sst>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    "<sst><si><t>&a;</t></si></sst>"
)


def workbook_of_zeros(path: Path) -> Path:
    path = path.with_suffix(".xlsx")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", bytes(10**7))
    return path


EXCEL = {
    "a cell far below": sheet(
        ROWS + f'<row r="1048576">{cell("1", "A1048576")}{cell("x", "B1048576")}</row>'
    ),
    "a cell far to the right": sheet(
        ROWS + f'<row r="50">{cell("1", "XFD50")}{cell("x", "B50")}</row>'
    ),
    "a place outside": sheet(ROWS + f"<row>{cell('1', 'ZZZZZZ9')}</row>"),
    "a row of letters": sheet(ROWS + f'<row r="ten">{cell("1")}</row>'),
    "a shared text that is not there": sheet(
        ROWS + f"<row>{cell('99999', kind='s')}{cell('x')}</row>"
    ),
    "a number that is none": sheet(
        ROWS + f"<row>{cell('1e', kind='n')}{cell('x')}</row>"
    ),
    "a number without bound": sheet(
        ROWS + f"<row>{cell('1e999', kind='n')}{cell('x')}</row>"
    ),
    "an error": sheet(ROWS + f"<row>{cell('#REF!', kind='e')}{cell('x')}</row>"),
    "an unknown type": sheet(ROWS + f"<row>{cell('1', kind='zz')}{cell('x')}</row>"),
    "a date of year 0": sheet(ROWS + f"<row>{cell('0000-00-00', kind='d')}</row>"),
    "one long cell": sheet(ROWS + row("1" * 300_000, "x")),
    "rows alone": sheet("<row/>" * 20_000),
    "rows that unfold": sheet("<row/>" * 3_000_000),
    "nested rows": sheet("<row>" * 5_000 + "</row>" * 5_000),
    "no end": sheet("<row><c><v>1"),
    "entities that unfold": sheet(ROWS, xl__sharedStrings=ENTITIES),
    "entities in the sheet": sheet(ROWS, **{"xl__worksheets__sheet1.xml": ENTITIES}),
    "an entity from outside": sheet(ROWS, **{"xl__worksheets__sheet1.xml": OUTSIDE}),
    "no workbook": sheet(ROWS, **{"xl__workbook.xml": ""}),
    "a zip of zeros": workbook_of_zeros,
    "no zip": content(".xlsx", b"a,label\n1,x\n" * 40),
    "an empty file": content(".xlsx", b""),
    "a pipe": pipe(".xlsx"),
    "a device": link(".xlsx", "/dev/zero"),
}


def honest_excel(path: Path) -> Path:
    digits = RANDOM.integers(0, 10, 60_000)
    rows = (row(str(d), "xy"[i % 2]) for i, d in enumerate(digits))
    return sheet(row("a", "label") + "".join(rows))(path)


# Parquet


def parquet(**columns: object) -> Write:
    def write(path: Path) -> Path:
        path = path.with_suffix(".parquet")
        pyarrow.parquet.write_table(pyarrow.table(columns), path)
        return path

    return write


def damaged(change: Callable[[bytearray], None]) -> Write:
    def write(path: Path) -> Path:
        path = parquet(a=list(range(40)), label=["x", "y"] * 20)(path)
        data = bytearray(path.read_bytes())
        change(data)
        path.write_bytes(data)
        return path

    return write


def put(place: int, data: bytes) -> Callable[[bytearray], None]:
    def change(held: bytearray) -> None:
        start = place % len(held)
        held[start : start + len(data)] = data

    return change


LABELS = ["x", "y"] * 20
LONG = pyarrow.array(["x" * 10_000] * 40)
PARQUET = {
    "a footer of 4 GB": damaged(put(-8, b"\xff\xff\xff\xff")),
    "a footer of nothing": damaged(put(-8, bytes(4))),
    "a footer of zeros": damaged(put(-300, bytes(200))),
    "pages of zeros": damaged(put(4, bytes(200))),
    "pages of ones": damaged(put(4, b"\xff" * 200)),
    "another ending": damaged(put(-4, b"PARE")),
    "no end": damaged(lambda data: data.__delitem__(slice(-100, None))),
    "no rows": parquet(a=pyarrow.array([], "int64"), label=pyarrow.array([], "string")),
    "one value 300 million times": parquet(
        a=pyarrow.nulls(300_000_000, "int8"), label=pyarrow.nulls(300_000_000, "int8")
    ),
    "lists alone": parquet(a=[[1]] * 40, label=[[2]] * 40),
    "bytes": parquet(a=[b"\xff"] * 40, label=LABELS),
    "long texts once": parquet(a=LONG.dictionary_encode(), label=LABELS),
    "names twice": parquet(**{"a": list(range(40)), "a ": LABELS, "label": LABELS}),
    "names that steer a terminal": parquet(**{"\x1b[2J": range(40), "label": LABELS}),
    "infinity": parquet(a=[float("inf"), float("nan")] * 20, label=LABELS),
    "no values": parquet(a=pyarrow.nulls(40), label=pyarrow.nulls(40)),
    "2,000 columns": parquet(**{f"c{i}": [1, 2] for i in range(2_000)}),
    "a text": content(".parquet", b"a,label\n1,x\n" * 40),
    "an empty file": content(".parquet", b""),
    "a pipe": pipe(".parquet"),
    "a device": link(".parquet", "/dev/zero"),
}


def honest_parquet(path: Path) -> Path:
    digits = RANDOM.integers(0, 10**6, 200_000)
    return parquet(a=digits, label=np.where(digits % 2, "x", "y"))(path)


# Word vectors

VECTORS = b"3 2\n" + b"".join(
    word + b" " + struct.pack("<2f", *values) + b"\n"
    for word, values in ((b"a", (1, 2)), (b"b", (3, 4)), (b"c", (5, 6)))
)
GZIP = gzip.compress(b"2 2\na 1 2\nb 3 4\n")
WORDS = {
    "10^12 words": content(".bin", b"1000000000000 2\n" + VECTORS[4:]),
    "10^9 dimensions": content(".bin", b"3 1000000000\n" + VECTORS[4:]),
    "a product beyond 2^64": content(".bin", b"4294967296 4294967296\n" + VECTORS[4:]),
    "no dimensions": content(".txt", b"3 0\na\nb\nc\n"),
    "negative sizes": content(".txt", b"-3 -2\na 1 2\n"),
    "sizes of many digits": content(".txt", b"9" * 100_000 + b" 2\na 1 2\n"),
    "a word without end": content(".bin", b"3 2\n" + b"a" * 700_000),
    "a line without end": content(".txt", b"1 2\na " + b"1 " * 300_000),
    "lines alone": content(".txt", b"3 2\n" + b"\n" * 700_000),
    "words alone": content(".txt", b"a\n" * 300_000),
    "NaN": content(".txt", b"2 2\na nan 1\nb inf 2\n"),
    "zeros that unfold": packed(".txt.gz", bytes(10**8)),
    "half of a gzip file": content(".gz", GZIP[:-9]),
    "a gzip file of another": content(".gz", gzip.compress(GZIP)),
    "gzip files in a row": content(".gz", gzip.compress(b"a 1 2\n") * 5_000),
    "more than gzip": content(".gz", GZIP + b"more"),
    "no UTF-8": content(".txt", b"2 2\n\xff 1 2\n\xfe 3 4\n"),
    "UTF-16": content(".txt", "2 2\na 1 2\nb 3 4\n".encode("utf-16")),
    "a byte order mark": content(".txt", b"\xef\xbb\xbf2 2\na 1 2\nb 3 4\n"),
    "no line feeds": content(".txt", b"2 2\ra 1 2\rb 3 4\r"),
    "all line ends": content(".txt", b"3 2\r\na 1 2\n\nb 3 4\r\nc 5 6\r"),
    "NULs": content(".txt", bytes(700_000)),
    "words of NULs": content(".txt", b"2 2\n\0 1 2\n\0\0 3 4\n"),
    "words of a terminal": content(".txt", b"2 2\n\x1b[2J 1 2\n\x9b2J 3 4\n"),
    "a line end in a word": content(".bin", b"1 1\na\nb \0\0\x80?"),
    "a word of 700,000 letters": content(".txt", b"1 2\n" + b"a" * 700_000 + b" 1 2\n"),
    "100,000 words of one number": content(
        ".txt", b"100000 1\n" + b"".join(b"%x 1\n" % i for i in range(100_000))
    ),
    "one word 100,000 times": content(".txt", b"100000 1\n" + b"a 1\n" * 100_000),
    "numbers beyond float32": content(".txt", b"2 2\na 1e39 1\nb 1e999 1\n"),
    "numbers of 300,000 digits": content(".txt", b"1 2\na 1 " + b"1" * 300_000),
    "fewer words than it says": content(".bin", b"4 2\n" + VECTORS[4:]),
    "more words than it says": content(".bin", b"2 2\n" + VECTORS[4:]),
    "the sizes alone": content(".txt", b"3 2\n"),
    "an empty file": content(".txt", b""),
    "a pipe": pipe(".txt"),
    "a device": link(".bin", "/dev/zero"),
}


def honest_vectors(path: Path) -> Path:
    rows = RANDOM.normal(size=(9_000, 20)).round(3)
    lines = [f"w{i} {' '.join(map(str, each))}" for i, each in enumerate(rows)]
    return content(".txt", f"{len(rows)} 20\n" + "\n".join(lines) + "\n")(path)


def read_samples(path: Path) -> None:
    """Reads the samples, too: a folder of sounds is read as they are asked for."""
    np.asarray(zoo.load_dataset(path).train.x[:])


READERS = {
    "sounds": Reader(read_samples, honest_sounds, SOUNDS),
    "xlsx": Reader(zoo.load_dataset, honest_excel, EXCEL),
    "parquet": Reader(zoo.load_dataset, honest_parquet, PARQUET),
    "vectors": Reader(WordVectors.load, honest_vectors, WORDS),
}
