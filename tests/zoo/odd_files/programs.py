"""What other programs write."""

from tests.zoo.odd_files.making import (
    CLASSES,
    PICTURES,
    Row,
    csv,
    file,
    noise,
    picture,
    pictures,
    plain,
    sounds,
    table,
    tree,
)

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
PROGRAMS = [
    *(
        Row(f"a pointer of Git LFS as {name}", make, refused="fetch it: git lfs pull")
        for name, make in (
            ("a table", file("t.csv", POINTER)),
            ("texts", file("t.tsv", POINTER)),
            ("arrays", file("t.npz", POINTER)),
            ("a picture", tree(pictures() | {"cat/x.png": POINTER})),
            ("a sound", tree(sounds() | {"no/x.wav": POINTER})),
        )
    ),
    Row(
        "a picture called .txt",
        file("t.txt", picture()),
        refused="is no text: it holds control characters, as pictures",
    ),
    Row(
        "comments of a sensor above",
        file("t.csv", b"# sensor 7\n# 2024-01-01, hall 3\n" + table(plain()).encode()),
        **CLASSES,
        finds=("preamble",),
    ),
    Row("a header with #", csv({"#p": noise, **plain()}), **CLASSES, shape=(3,)),
    Row(
        "sep= of Excel",
        file("t.csv", b"sep=;\r\n" + table(plain(), separator=";").encode()),
        **CLASSES,
        finds=("preamble",),
    ),
    Row(
        "thousands between gaps, as Excel writes them in French",
        csv({"c": lambda i: f"{i + 1}\u202f{i * 7:03},5", **plain()}, separator=";"),
        **CLASSES,
        finds=("decimal_commas",),
        check=lambda data: data.train.x[:, 0].min() > 1000,
    ),
    Row(
        "a minus of typesetting",
        csv({"c": lambda i: f"{5 - i % 30}".replace("-", "\u2212"), **plain()}),
        **CLASSES,
        check=lambda data: data.train.x[:, 0].min() < -9,
    ),
    Row(
        "three places behind decimal commas",
        csv({"c": lambda i: f"{i % 3},{i:03}", **plain()}, separator=";"),
        **CLASSES,
        finds=("decimal_commas",),
        check=lambda data: data.train.x[:, 0].max() < 3,
    ),
    Row(
        "errors of Excel, gaps of MySQL",
        csv(
            {
                "c": lambda i: "#DIV/0!" if i % 7 == 0 else noise(i),
                "d": lambda i: "\\N" if i % 9 == 0 else noise(i + 1),
                **plain(),
            }
        ),
        **CLASSES,
        finds=("missing_values",),
    ),
    Row(
        "times of twelve hours",
        csv(
            {
                "t": lambda i: (
                    f"{i % 12 + 1}/{i % 28 + 1}/2024 {i % 12 + 1}:05 {'AP'[i % 2]}M"
                ),
                **plain(),
            }
        ),
        **CLASSES,
        finds=("dates",),
        check=lambda data: data.columns[0].kind == "date" and data.columns[0].has_times,
    ),
    Row(
        "units in the cells",
        csv({"weight": lambda i: f"{40 + i} kg", **plain()}),
        refused="'weight' holds numbers with something beside them, such as '40 kg'; "
        "write the number alone, in one unit",
    ),
    Row(
        "durations",
        csv({"run": lambda i: f"00:{i:02}:{i * 7 % 60:02}", **plain()}),
        refused="such as '00:00:00'; write the number alone",
    ),
    *(
        Row(f"a file {name}", file(name, b"\x00\x01"), refused=words)
        for name, words in (
            ("t.xls", "is an old Excel file; write it as a .csv file: python -c"),
            ("t.dta", "pandas.read_stata("),
            ("t.arff", "call what follows its line @data"),
            ("t.data", "if it is a table, call it"),
            ("t.npy", "is one array; write samples and targets into one file"),
            ("t.pkl", "is a pickle, which can run code, so it is not read"),
            ("t.zip", "is an archive; unpack it"),
            ("t.sqlite", "sqlite3 -header -csv"),
        )
    ),
    Row(
        "a name that a shell would run",
        file("$(touch x).sqlite", b"\x00"),
        refused=".sqlite' 'select * from TABLE' >",
    ),
    Row(
        "an old Excel file of that name",
        file("$(touch x).xls", b"\x00"),
        refused="python -c 'import pandas; pandas.read_excel(\"",
    ),
    Row(
        "pictures of a phone",
        tree({f"{k}/{i}.HEIC": b"heic" for k in ("cat", "dog") for i in range(9)}),
        refused="the form .HEIC, which is not read; convert each to .jpg: heif-convert",
    ),
    Row(
        "some pictures of a phone",
        tree(pictures() | {"cat/x.heic": b"heic", "dog/y.heic": b"heic"}),
        **PICTURES,
        finds=("unread_files",),
    ),
    Row(
        "sounds of a phone",
        tree({f"{k}/{i}.m4a": b"m4a" for k in ("no", "yes") for i in range(9)}),
        refused="the form .m4a, which is not read; convert each to .wav: ffmpeg -i",
    ),
    Row(
        "postal codes",
        csv({"zip": lambda i: f"{i // 2 % 4 + 1:05}", **plain()}),
        **CLASSES,
        finds=("leading_zeros",),
    ),
    Row(
        "postal codes as categories",
        csv({"zip": lambda i: f"{i // 2 % 4 + 1:05}", **plain()}),
        **CLASSES,
        reading={"categories": ["zip"]},
        check=lambda data: data.columns[0].categories[0] == "00001",
    ),
]
