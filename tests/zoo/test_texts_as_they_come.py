"""Text as people have it: each file is read right, or refused in one true line."""

import re

import pytest

import zoo
from zoo.errors import DatasetError

ROWS = [("gut", f"schöne Sache {i}") for i in range(15)]
ROWS += [("schlecht", f"öder Kram {i}") for i in range(15)]
LABELLED = "".join(f"{label}\t{text}\n" for label, text in ROWS)


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
        return path

    return write


def samples(data):
    """The texts of all splits with their labels."""
    return {
        (data.labels[y], x)
        for split in data.splits.values()
        for x, y in zip(split.x, split.y, strict=True)
    }


class TestCharsets:
    @pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_what_is_read_without_being_told(self, write, charset, end):
        content = LABELLED.replace("\n", end).encode(charset)
        assert samples(zoo.load_dataset(write("a.tsv", content))) == set(ROWS)

    @pytest.mark.parametrize(
        ("written", "named"),
        [
            ("latin-1", "latin-1"),
            ("cp1252", "latin-1"),
            ("utf-16-le", "utf-16-le"),
            ("utf-16-be", "utf-16-be"),
        ],
    )
    def test_the_error_names_what_reads_it(self, write, written, named):
        path = write("a.tsv", LABELLED.encode(written))
        with pytest.raises(DatasetError, match="not UTF-8") as raised:
            zoo.load_dataset(path)
        found = re.search(r"--charset (\S+?)( |\.|$)", str(raised.value))
        assert found is not None
        assert found[1] == named
        assert samples(zoo.load_dataset(path, charset=found[1])) == set(ROWS)

    def test_quotes_of_windows_are_cp1252(self, write):
        content = "".join(f"{y}\t“{x}”\n" for y, x in ROWS).encode("cp1252")
        with pytest.raises(DatasetError, match=r"line 1 .*as cp1252 .*“schöne"):
            zoo.load_dataset(write("a.tsv", content))

    @pytest.mark.parametrize(
        ("content", "charset", "message"),
        [
            ("gut\ta\0b\n" * 9, None, "line 1 holds a NUL character"),
            (b"\xff\xfea", None, "line 1 is not UTF-16 text .*another --charset"),
            (LABELLED, "ascii", "line 1 is not ASCII text .*another --charset"),
            (LABELLED, "utf9", "There is no charset 'utf9'"),
        ],
    )
    def test_what_is_no_text(self, write, content, charset, message):
        with pytest.raises(DatasetError, match=message):
            zoo.load_dataset(write("a.tsv", content), charset=charset)

    @pytest.mark.parametrize("charset", ["latin-1", "utf-16"])
    def test_a_table(self, write, charset):
        rows = "".join(f"{i},{'öä'[i % 2]}\n" for i in range(40))
        path = write("a.csv", ("größe,label\n" + rows).encode(charset))
        data = zoo.load_dataset(path, charset=charset)
        assert data.labels == ("ä", "ö")

    def test_other_sources_have_no_charset(self):
        with pytest.raises(DatasetError, match="`charset` has no meaning for digits"):
            zoo.load_dataset("digits", charset="latin-1")
