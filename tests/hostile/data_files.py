"""Hostile data files: arrays, tables, texts, series and pictures."""

import codecs
import gzip
import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

import zoo
from tests.hostile.measuring import Reader
from tests.hostile.writing import (
    RANDOM,
    Write,
    X,
    Y,
    array,
    content,
    header,
    link,
    npz,
    packed,
    pipe,
    png,
    text_chunk,
)

# Arrays in a .npz file


def nested(x: bytes, levels: int) -> bytes:
    """A zip in a zip ..., under the name of an array."""
    for _ in range(levels):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as outer:
            outer.writestr("x.npy", x)
        x = file.getvalue()
    return x


def lying_sizes(path: Path) -> Path:
    """The directory of the zip says that a member has ten bytes."""
    path = npz(x=array(np.zeros((4, 2))), y=array(np.arange(4) % 2))(path)
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 10)
    path.write_bytes(data)
    return path


def encrypted(path: Path) -> Path:
    """The flags of each member say that it needs a password."""
    path = npz(x=X, y=Y)(path)
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for start in range(len(data)):
            if data.startswith(mark, start):
                data[start + flags] |= 1
    path.write_bytes(data)
    return path


def many_members(path: Path) -> Path:
    return npz(zipfile.ZIP_STORED, **{f"a{i}": header("(0,)") for i in range(9_000)})(
        path
    )


ZEROS = array(np.zeros((1000, 100, 200), "float32"))
NPZ = {
    "a label of 10^9": npz(x=X, y=array(np.where(np.arange(40) == 3, 10**9, 0))),
    "a negative label": npz(x=X, y=array(np.arange(40) - 1)),
    "an unsigned label of 2^64": npz(x=X, y=array(np.full(40, 2**64 - 1, "uint64"))),
    "zeros that unfold": npz(x=ZEROS, y=array(np.arange(1000) % 2)),
    "labels that unfold": npz(x=X, y=header("(90000000,)", "'|i1'") + bytes(9 * 10**7)),
    "names that unfold": npz(x=X, y=Y, labels=array(np.zeros(2, "U9000000"))),
    "a shape of 10^13": npz(x=header("(40, 10000000000000)") + bytes(10), y=Y),
    "a product beyond 2^64": npz(x=header("(40, 4294967296, 4294967296)"), y=Y),
    "a negative shape": npz(x=header("(40, -4)") + bytes(640), y=Y),
    "a shape of booleans": npz(x=header("(True, 4)") + bytes(640), y=Y),
    "a shape of fractions": npz(x=header("(4.5, 4)") + bytes(640), y=Y),
    "a shape of texts": npz(x=header("('a', 4)") + bytes(640), y=Y),
    "a shape of thousands of axes": npz(x=header(f"({'1, ' * 5000})") + b"abcd", y=Y),
    "no dictionary": npz(x=header("(1,), **{}"), y=Y),
    "a deep dictionary": npz(x=header("(" * 3000), y=Y),
    "code in the type": npz(x=header("(4,)", "__import__('os').system('id')"), y=Y),
    "records": npz(x=array(np.zeros(40, [("a", "f4"), ("b", "i4")])), y=Y),
    "objects": npz(x=array(np.array([{}] * 40, object)), y=Y),
    "an empty type": npz(x=header("(40, 4)", "'|V0'"), y=Y),
    "texts of no length": npz(x=header("(4000000000, 4)", "'<U0'"), y=Y),
    "complex numbers": npz(x=array(np.ones((40, 4), complex)), y=Y),
    "a scalar": npz(x=array(np.float32(1)), y=array(np.int64(1))),
    "no samples": npz(x=array(np.zeros((0, 4))), y=array(np.zeros(0, int))),
    "no values": npz(x=array(np.zeros((40, 0))), y=Y),
    "no bytes": npz(x=b"", y=b""),
    "a version of tomorrow": npz(x=b"\x93NUMPY\x09\x00" + X[8:], y=Y),
    "a header of 4 GB": npz(x=b"\x93NUMPY\x02\x00" + b"\xff" * 4 + b"{", y=Y),
    "zips in zips": lambda path: npz(x=nested(ZEROS, 5), y=Y)(path),
    "a lying directory": lying_sizes,
    "encrypted": encrypted,
    "thousands of members": many_members,
    "names of paths": npz(**{"../../x": X, "y": Y}),
    "a file of zeros": content(".npz", bytes(10**6)),
    "only the end of a zip": content(".npz", b"PK\x05\x06" + bytes(18)),
    "a pipe": pipe(".npz"),
    "a device": link(".npz", "/dev/zero"),
    "a circle": link(".npz", "case-a-circle.npz"),
}


def honest_npz(path: Path) -> Path:
    path = path.with_suffix(".npz")
    x = RANDOM.integers(0, 256, (6_000, 28, 28, 1), "uint8")
    np.savez(path, x=x, y=np.arange(6_000) % 10)
    return path


# Tables

ROW = "5.1,3.5,1.4,0.2,setosa\n4.9,3.0,1.4,0.2,virginica\n"


def narrow_table() -> str:
    """Digits and letters: what takes most memory for each byte."""
    digits = RANDOM.integers(0, 10, 300_000)
    return "x,label\n" + "".join(f"{d},{'ab'[i % 2]}\n" for i, d in enumerate(digits))


def honest_csv(path: Path) -> Path:
    return content(".csv", narrow_table())(path)


def columns(count: int, rows: int = 3) -> str:
    names = ",".join(f"c{i}" for i in range(count - 1)) + ",label\n"
    cells = "1," * (count - 1)
    return names + "".join(f"{cells}{'ab'[i % 2]}\n" for i in range(rows))


CSV = {
    "fifty thousand columns": content(".csv", columns(50_000, 2)),
    "columns without names": content(".csv", "," * 400_000 + "\n" + "," * 400_000),
    "one long cell": content(".csv", "a,label\n" + "1" * 900_000 + ",a\n2,b\n"),
    "a number of many digits": content(
        ".csv", "a,label\n" + ("9" * 100_000 + ",a\n1,b\n") * 4
    ),
    "an open quote": content(".csv", 'a,label\n"' + "1,a\n" * 200_000),
    "quotes alone": content(".csv", '"' * 800_000),
    "empty lines": content(".csv", "\n" * 800_000),
    "carriage returns": content(".csv", "\r" * 800_000),
    "delimiters of each kind": content(".csv", ",;\t|" * 200_000),
    "one letter a row": content(".csv", "a\n" * 150_000),
    "rows of no width": content(".csv", "a,label\n" + ",\n" * 150_000),
    "NUL": content(".csv", "a,label\n1,\0\n" * 1000),
    "infinity": content(".csv", "a,label\n" + "inf,a\n-inf,b\nnan,a\n" * 20),
    "large exponents": content(".csv", "a,label\n" + "1e999,a\n1e308,b\n" * 20),
    "numbers of other scripts": content(".csv", "a,label\n" + "²,a\n٣,b\n१,a\n" * 20),
    "underlines in numbers": content(".csv", "a,label\n" + "1_0,a\n2_0,b\n" * 20),
    "years of five digits": content(
        ".csv", "date,value\n" + "99999-99-99,1\n0000-00-00,2\n" * 20
    ),
    "decimal commas without end": content(
        ".csv", "a;label\n" + "1.111" * 100_000 + ";a\n" + "1,5;b\n" * 20
    ),
    "names that steer a terminal": content(
        ".csv", "\x1b[2J,label\n" + "1,\u202ea\n2,b\n" * 20
    ),
    "names as mathematics": content(".csv", "$_$,label\n" + "1,$_$\n2,b\n" * 20),
    "a label on each row": content(
        ".csv", "a,label\n" + "".join(f"1,l{i}\n" for i in range(60_000))
    ),
    "no UTF-8": content(".csv", b"a,label\n\xff\xfe\xfd,a\n" * 20),
    "a mark of UTF-32": content(".csv", codecs.BOM_UTF32_LE + b"\xff\xff\xff\xff" * 99),
    "half a character of UTF-16": content(".csv", codecs.BOM_UTF16_LE + b"a\x00b"),
    "a picture": content(".csv", b"\x89PNG\r\n\x1a\n" + bytes(1000)),
    "an empty file": content(".csv", b""),
    "a pipe": pipe(".csv"),
    "a device": link(".csv", "/dev/zero"),
}


def honest_packed_csv(path: Path) -> Path:
    return packed(".csv.gz", narrow_table().encode())(path)


def gzip_header(path: Path) -> Path:
    """A name in the header that never ends."""
    return content(".csv.gz", b"\x1f\x8b\x08\x08" + bytes(6) + b"a" * 10_000)(path)


def lying_length(path: Path) -> Path:
    data = gzip.compress(ROW.encode() * 20)
    return content(".csv.gz", data[:-4] + struct.pack("<I", 2**32 - 1))(path)


PACKED_CSV = {
    "zeros that unfold": packed(".csv.gz", b"0,0,a\n" * 2_000_000),
    "one line that unfolds": packed(".csv.gz", b"0" * 12_000_000),
    "line ends that unfold": packed(".csv.gz", b"\n" * 12_000_000),
    "delimiters that unfold": packed(".csv.gz", b"," * 12_000_000),
    "many members": content(".csv.gz", gzip.compress(b"") * 600),
    "a bomb after a table": content(
        ".csv.gz", gzip.compress(ROW.encode() * 20) + gzip.compress(b"1" * 9_000_000)
    ),
    "a bomb in a bomb": packed(".csv.gz", gzip.compress(bytes(50_000_000))),
    "a header without end": gzip_header,
    "a lying length": lying_length,
    "no end": content(".csv.gz", gzip.compress(ROW.encode() * 99)[:-9]),
    "another method": content(".csv.gz", b"\x1f\x8b\x63" + bytes(50)),
    "no gzip": content(".csv.gz", ROW * 20),
    "zlib": content(".csv.gz", zlib.compress(ROW.encode() * 20)),
    "an empty file": content(".csv.gz", b""),
    "a pipe": pipe(".csv.gz"),
    "a device": link(".csv.gz", "/dev/zero"),
}


# Texts and series


def honest_tsv(path: Path) -> Path:
    lines = [f"{'ab'[i % 2]}\t{i % 97}x" for i in range(150_000)]
    return content(".tsv", "\n".join(lines))(path)


TSV = {
    "tabs alone": content(".tsv", "\t" * 700_000),
    "tabs on each line": content(".tsv", "\t\n" * 200_000),
    "one text without end": content(".tsv", "a\t" + "x" * 700_000),
    "one label for each": content(".tsv", "".join(f"l{i}\tx\n" for i in range(70_000))),
    "sentences without end": content(".tsv", "a\tB\n" * 170_000 + "\na\tB\n"),
    "empty sentences": content(".tsv", "a\tB\n\n" * 120_000),
    "one tag": content(".tsv", "a\tB\nb\tB\n\n" * 50),
    "a label as mathematics": content(".tsv", "$_$\tgood\nb\tbad\n" * 20),
    "labels that steer a terminal": content(".tsv", "\x1b[2J\tgood\nb\tbad\n" * 20),
    "labels of directions": content(".tsv", "\u202ea\tgood\nb\tbad\n" * 20),
    "accents without end": content(".tsv", "a\t" + "e\u0301" * 200_000 + "\nb\tc\n"),
    "case folds that grow": content(".tsv", "a\t" + "ﷺ" * 200_000 + "\nb\tc\n" * 4),
    "surrogates": content(".tsv", b"a\t\xed\xa0\x80\n" * 20),
    "NUL": content(".tsv", "a\tb\0\n" * 20),
    "an empty file": content(".tsv", ""),
    "a pipe": pipe(".tsv"),
}


def honest_json(path: Path) -> Path:
    rows = [{"text": f"w{i % 97} x", "label": "ab"[i % 2]} for i in range(40_000)]
    return content(".jsonl", "\n".join(map(json.dumps, rows)))(path)


OBJECT = '{"text": "a b c", "label": "pos"}\n{"text": "d e", "label": "neg"}\n'
JSON = {
    "brackets without end": content(".json", "[" * 100_000),
    "objects without end": content(".json", '{"a":' * 100_000),
    "a deep value": content(
        ".jsonl", '{"text": ' + "[" * 900 + "]" * 900 + ', "label": "a"}\n' + OBJECT
    ),
    "an integer of many digits": content(
        ".jsonl", '{"text": ' + "9" * 100_000 + ', "label": "a"}\n'
    ),
    "a label of many digits": content(
        ".jsonl", ('{"text": "a", "label": ' + "9" * 4000 + "}\n" + OBJECT) * 9
    ),
    "a number without bound": content(".jsonl", '{"text": 1e999, "label": "a"}\n' * 9),
    "NaN": content(".jsonl", '{"text": NaN, "label": Infinity}\n' * 20),
    "lone surrogates": content(".jsonl", r'{"text": "\ud800", "label": "a"}' + "\n"),
    "names twice": content(".jsonl", '{"text": "a", "text": [], "label": "b"}\n' * 20),
    "numbers": content(".jsonl", "1\n" * 100_000),
    "null": content(".json", "null"),
    "an empty list": content(".json", "[]"),
    "lists": content(".json", "[[], []]"),
    "objects without names": content(".json", "[{}, {}, {}]"),
    "a name for each": content(
        ".jsonl", "".join(f'{{"text{i}": "a", "label": "b"}}\n' for i in range(3_000))
    ),
    "values of other types": content(
        ".jsonl", '{"text": true, "label": {"a": 1}}\n' * 20
    ),
    "an empty file": content(".json", ""),
    "a mark alone": content(".json", "\ufeff"),
    "a pipe": pipe(".jsonl"),
}


def honest_series(path: Path) -> Path:
    path = path.with_suffix(".csv")
    days = np.datetime64("1970-01-01") + np.arange(30_000)
    rows = zip(days, RANDOM.normal(size=30_000).round(3), strict=True)
    path.write_text("date,value\n" + "\n".join(f"{d},{v}" for d, v in rows))
    return path


def read_series(path: Path) -> None:
    zoo.load_dataset(f"{path}:value")


def series(rows: str) -> Write:
    return content(".csv", f"date,value\n{rows}")


SERIES = {
    "one day": series("2024-01-01,1\n" * 30_000),
    "days backwards": series("2024-01-02,1\n2024-01-01,2\n" * 30),
    "days of year 0": series("0000-01-01,1\n" * 30),
    "days of year 9999": series("9999-12-31,1\n" * 30),
    "zones": series("2024-01-01T00:00:00+99:99,1\n" * 30),
    "dates of many digits": series("9" * 300_000 + "-01-01,1\n" * 30),
    "dates without end": series("2024-01-01" * 20_000 + ",1\n" * 30),
    "a group for each": content(
        ".csv",
        "date,id,value\n" + "".join(f"2024-01-01,g{i},1\n" for i in range(15_000)),
    ),
    "infinity": series("2024-01-01,inf\n2024-01-02,nan\n" * 30),
    "no values": series("2024-01-01,\n" * 30),
    "two columns of one name": content(".csv", "value,value\n1,2\n" * 30),
    "names of columns": content(".csv", "date,$_$\n2024-01-01,1\n" * 30),
    "a pipe": pipe(".csv"),
}


# Pictures


def pictures(name: str, data: bytes | Callable[[Path], None]) -> Write:
    """A folder of two classes, one picture of which is hostile."""

    def write(path: Path) -> Path:
        for label in "ab":
            (path / label).mkdir(parents=True)
            for i in range(6):
                (path / label / f"{i}.png").write_bytes(png(4, 4, bytes(20)))
        place = path / "a" / name
        if callable(data):
            data(place)
        else:
            place.write_bytes(data)
        return path

    return write


def renamed(label: str) -> Write:
    return pictures("x", lambda path: path.parent.rename(path.parents[1] / label))


def bmp(width: int, height: int) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 99, 0, 0, 54) + head


def gif(width: int, height: int, frames: int) -> bytes:
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02D\x01\x00"
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    return head + frame * frames + b";"


def jpeg(width: int, height: int) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xd9"


def tiff(count: int) -> bytes:
    """A directory with so many entries, which leads to itself."""
    entry = struct.pack("<HHII", 256, 3, 1, 4)
    return b"II*\0" + struct.pack("<IH", 8, count) + entry * count + b"\x08\0\0\0"


PICTURES = {
    "60,000 x 60,000 PNG": pictures("x.png", png(60_000, 60_000)),
    "2^31 PNG": pictures("x.png", png(2**31 - 1, 2**31 - 1)),
    "no width": pictures("x.png", png(0, 4)),
    "one row of 10^8": pictures("x.png", png(99_999_999, 1)),
    "a text that unfolds": pictures(
        "x.png", png(4, 4, bytes(20), extra=text_chunk(bytes(10**8)))
    ),
    "pixels that unfold": pictures("x.png", png(4, 4, bytes(10**8))),
    "60,000 x 60,000 JPEG": pictures("x.jpg", jpeg(60_000, 60_000)),
    "60,000 x 60,000 BMP": pictures("x.bmp", bmp(60_000, 60_000)),
    "a negative BMP": pictures("x.bmp", bmp(-5, -60_000)),
    "65,535 x 65,535 GIF": pictures("x.gif", gif(65_535, 65_535, 1)),
    "frames without end": pictures("x.gif", gif(4, 4, 1_000)),
    "TIFF in a circle": pictures("x.tif", tiff(1_000)),
    "PPM of 10^9": pictures("x.ppm", b"P6 1000000000 1000000000 255\n"),
    "PPM of many digits": pictures("x.ppm", b"P6 " + b"9" * 90_000 + b" 1 255\n"),
    "PostScript": pictures("x.png", b"%!PS-Adobe-3.0 EPSF-3.0\n(a) show\n"),
    "a truncated one": pictures("x.png", png(400, 400)[:50]),
    "an empty file": pictures("x.png", b""),
    "a pipe": pictures("x.png", os.mkfifo),
    "a device": pictures("x.png", lambda path: path.symlink_to("/dev/zero")),
    "a circle": pictures("x", lambda path: path.symlink_to(path.parents[1])),
    "16 million clear pixels": pictures("x.png", png(4_000, 4_000, bytes(10**8), 6)),
    "a class of superscripts": renamed("²"),
    "a class as mathematics": renamed("$_$"),
}


def honest_pictures(path: Path) -> Path:
    rows = np.tile(RANDOM.integers(0, 4, 1 + 4 * 4_000, "uint8"), (4_000, 1))
    rows[:, 0] = 0  # which filter a row has
    pictures("x.png", png(4_000, 4_000, rows.tobytes(), 6))(path)
    (path / "b" / "x.png").write_bytes(png(4, 4, bytes(20)))  # as many as of the other
    return path


READERS = {
    "npz": Reader(zoo.load_dataset, honest_npz, NPZ),
    "csv": Reader(zoo.load_dataset, honest_csv, CSV),
    "csv.gz": Reader(zoo.load_dataset, honest_packed_csv, PACKED_CSV),
    "tsv": Reader(zoo.load_dataset, honest_tsv, TSV),
    "json": Reader(zoo.load_dataset, honest_json, JSON),
    "series": Reader(read_series, honest_series, SERIES),
    "pictures": Reader(zoo.load_dataset, honest_pictures, PICTURES),
}
