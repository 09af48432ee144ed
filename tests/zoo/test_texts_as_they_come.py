"""Text as people have it: each file is read right, or refused in one true line."""

import dataclasses
import json
import re

import keras
import pytest

import zoo
from zoo import tasks
from zoo.datasets import text_table
from zoo.datasets.vocabulary import as_json
from zoo.errors import DatasetError
from zoo.inference.predict import predict
from zoo.runs.run import Run
from zoo.training.job import prepare

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


def said(data):
    """The findings of a dataset as sentences."""
    return " ".join(map(str, data.findings))


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


def reviews(length, count=60):
    """Reviews of 1 to `length` words, each word in many of them."""
    for i in range(count):
        words = (f"w{(i + j) % 50}" for j in range(1 + i * length // count))
        yield "ab"[i % 2], " ".join(words)


def lines(rows):
    return "".join(f"{label}\t{text}\n" for label, text in rows)


class TestLengths:
    @pytest.mark.parametrize(
        ("model", "longest_text", "length"),
        [
            ("text_cnn", 30, 28),
            ("text_cnn", 200, 188),
            ("text_cnn", 1500, 1000),
            ("text_gru", 1500, 400),
            ("text_cnn.sentence_polarity", 30, 28),
        ],
    )
    def test_data_decides(self, write, capsys, model, longest_text, length):
        path = write("reviews.tsv", lines(reviews(longest_text)))
        options = {} if "." not in model else {"recipe": zoo.model_spec(model).recipe}
        name = model.partition(".")[0]
        job = prepare(name, dataset=path, **options)
        found = job.recipe.encoding["length"]
        assert abs(found - length) <= 3
        assert job.data.train.x.shape[1] == found
        is_said = "of the words are cut" in capsys.readouterr().err
        assert is_said == (longest_text >= 1000)

    def test_what_is_cut_is_said(self, write, capsys):
        path = write("reviews.tsv", lines(reviews(100)))
        job = prepare("text_cnn", dataset=path, encoding={"length": 16})
        assert job.recipe.encoding["length"] == 16
        printed = capsys.readouterr().err
        assert re.search(
            r"7\d % of the words are cut, those after the first 16", printed
        )
        assert "--set encoding.length" in printed

    @pytest.mark.parametrize(
        ("name", "length"),
        [("text_cnn", 16), ("text_gru", 16), ("tagger", 12), ("char_rnn", 100)],
    )
    def test_a_recipe_is_kept_for_its_own_data(self, capsys, name, length):
        assert prepare(name).recipe.encoding["length"] == length
        assert "are cut" not in capsys.readouterr().err

    def test_unknown_words_are_said(self, write, capsys):
        rows = [("ab"[i % 2], f"good bad fine odd only{i}") for i in range(60)]
        job = prepare("text_cnn", dataset=write("a.tsv", lines(rows)))
        assert job.recipe.encoding["vocabulary_size"] == len(job.data.vocabulary) == 6
        printed = capsys.readouterr().err
        assert "4 of the words" in printed
        assert "20 % of the words in the validation split are unknown" in printed

    def test_sentences_to_tag_are_not_cut(self, write):
        sentence = "".join(f"w{i % 9}\t{'NV'[i % 2]}\n" for i in range(50))
        path = write("a.tsv", f"{sentence}\n" * 30)
        assert prepare("tagger", dataset=path).recipe.encoding["length"] == 50

    def test_a_window_fits_into_a_short_text(self, write):
        path = write("a.txt", "a short story\n" * 20)
        encoding = prepare("char_rnn", dataset=path).recipe.encoding
        assert encoding["length"] == len("a short story") - 1

    def test_a_model_of_a_fixed_length(self, write):
        tokens = keras.Input((7,), dtype="int32")
        x = keras.layers.Flatten()(keras.layers.Embedding(90, 4)(tokens))
        model = keras.Model(tokens, keras.layers.Dense(2)(x), name="mine")
        model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(True))
        path = write("a.tsv", lines(reviews(30)))
        assert prepare(model, dataset=path).recipe.encoding["length"] == 7

    @pytest.mark.slow
    def test_a_run_keeps_what_it_chose(self, write, tmp_path):
        path, output = write("a.tsv", lines(reviews(40))), tmp_path / "run"
        run = zoo.train("text_cnn", dataset=path, epochs=1, output=output)
        held = json.loads((output / "config.json").read_text())
        assert abs(held["recipe"]["encoding"]["length"] - 38) <= 2
        assert zoo.evaluate(output) == pytest.approx(run.metrics, rel=1e-4)
        again = zoo.train("text_cnn", epochs=2, output=output, resume=True)
        assert again.config["recipe"]["encoding"] == held["recipe"]["encoding"]


def test_every_field_that_data_decides_is_chosen():
    for name in ("classification", "tagging", "language_modelling"):
        task = tasks.get(name)
        data = zoo.load_dataset("toy_tags" if name == "tagging" else "toy_polarity")
        fitted = task.fit(data, {})
        assert all(fitted[field] is not None for field in task.encoding.of_data)


LONG = [("ab"[i % 2], f"text number {i} of many") for i in range(60)]
LABEL_FIRST = lines(LONG)
TEXT_FIRST = "".join(f"{text}\t{label}\n" for label, text in LONG)
NAMES = [("en" if i % 3 else "de", f"Name{i}") for i in range(60)]
TAGGED = "the\tDET\nend\tNOUN\n\n" * 40


class TestKinds:
    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (LABEL_FIRST, LONG),
            (TEXT_FIRST, LONG),
            (LABEL_FIRST.replace("\n", "\n\n"), LONG),
            (LABEL_FIRST.replace("7 of many\n", "7 of many\n\n"), LONG),
            (LABEL_FIRST.replace("\n", "\n \n") + "\n\n", LONG),
            ("label\ttext\n" + LABEL_FIRST, LONG),
            ("text\tlabel\n" + TEXT_FIRST, LONG),
            ("Sentiment\tReview\n" + LABEL_FIRST, LONG),
            ("stimmung\tsatz\n" + LABEL_FIRST, LONG),
            (lines(NAMES), NAMES),
            (lines(NAMES).replace("\n", "\n\n"), NAMES),
            ("".join(f"{text}\t{label}\n" for label, text in NAMES), NAMES),
            ("v1\tv2\n" + LABEL_FIRST, LONG),
            (lines((" a " if y == "a" else y, x) for y, x in LONG), LONG),
        ],
    )
    @pytest.mark.parametrize("name", ["a.txt", "a.tsv"])
    def test_labelled_texts(self, write, name, content, expected):
        data = zoo.load_dataset(write(name, content))
        assert data.task == "classification"
        assert samples(data) == set(expected)
        assert "60 labelled texts of 2 classes" in said(data)
        has_header = content[0] in "lSsvt" and "\t" in content[:12]
        assert ("header" in said(data)) == has_header

    @pytest.mark.parametrize(
        ("content", "kind", "task"),
        [
            (TAGGED, None, "tagging"),
            (TAGGED.replace("\n\n", "\n \n"), None, "tagging"),
            (TAGGED + "\n\n", None, "tagging"),
            (TAGGED, "running", "language_modelling"),
            (TAGGED, "labelled", "classification"),
            (LABEL_FIRST, "running", "language_modelling"),
            ("to\tTO\n\n" + "be\tV\n\n" * 30, "tagged", "tagging"),
            ("a line\n" * 40, None, "language_modelling"),
        ],
    )
    def test_the_kind_is_decided_or_given(self, write, content, kind, task):
        path = write("a.txt", content)
        assert zoo.load_dataset(path, kind=kind).task == task

    @pytest.mark.parametrize(
        ("name", "content", "kind", "message"),
        [
            ("a.txt", "a line\n" * 40, "labelled", "line 1: a label and a text"),
            ("a.txt", "a line\n" * 40, "tagged", "line 1: a label and a text"),
            ("a.txt", LABEL_FIRST + "no tab\n", None, "line 61: .* --kind running"),
            ("a.txt", LABEL_FIRST, "other", "`kind` must be 'labelled', 'tagged'"),
            (
                *("a.txt", lines((x, x) for _, x in LONG), "labelled"),
                "60 labels in 60 rows",
            ),
            ("a.txt", "\tx\n" * 9, None, "no row has both a label and a text"),
            (
                "a.tsv",
                LABEL_FIRST + "c\tone text\n",
                None,
                r"1 of 3 labels have fewer than three texts \('c'\)",
            ),
            (
                "a.tsv",
                LABEL_FIRST + "po\x1bs\tone text\n" * 9,
                None,
                r"the label 'po\\x1bs' holds a control character",
            ),
        ],
    )
    def test_what_is_refused(self, write, name, content, kind, message):
        with pytest.raises(zoo.ZooError, match=message):
            zoo.load_dataset(write(name, content), kind=kind)

    def test_a_list_of_labels_is_no_text(self, write):
        data = zoo.load_dataset(write("a.txt", "pos\nneg\n" * 40))
        assert "its 80 lines are 2 different ones ('pos', 'neg')" in said(data)

    def test_a_line_of_a_megabyte(self, write):
        rows = [(y, x + " word" * 250_000 * (i < 1)) for i, (y, x) in enumerate(LONG)]
        assert samples(zoo.load_dataset(write("a.tsv", lines(rows)))) == set(rows)

    def test_other_data_has_no_kind(self):
        with pytest.raises(DatasetError, match="`kind` has no meaning for iris"):
            zoo.load_dataset("iris", kind="tagged")


class TestLabels:
    @pytest.mark.parametrize("missing", ["", " ", "NA", "nan", "?", "NULL"])
    def test_missing_ones_are_no_class(self, write, missing):
        content = lines([*LONG, *[(missing, f"no label {i}") for i in range(5)]])
        data = zoo.load_dataset(write("a.tsv", content))
        assert data.labels == ("a", "b")
        assert samples(data) == set(LONG)
        assert "5 of 65 rows have no label" in said(data)

    def test_rows_without_a_text_are_left_out(self, write):
        data = zoo.load_dataset(write("a.tsv", lines([*LONG, *[("a", " ")] * 5])))
        assert samples(data) == set(LONG)
        assert "5 of 65 rows have no text" in said(data)

    @pytest.mark.parametrize(
        ("one", "other"),
        [("yes", "Yes"), ("0", "0.0"), ("1", "01"), ("non-fiction", "non fiction")],
    )
    def test_near_twins_are_named(self, write, one, other):
        names = [one, "between", other]
        rows = [(names[i % 3], f"text number {i}") for i in range(60)]
        data = zoo.load_dataset(write("a.tsv", lines(rows)))
        assert data.num_classes == 3
        (twins,) = (str(each) for each in data.findings if each.kind == "near_twins")
        assert "count as different classes" in twins
        assert repr(one) in twins
        assert repr(other) in twins
        assert "'between'" not in twins

    def test_copies_in_two_splits_are_counted(self, write):
        rows = [("ab"[i % 2], f"text number {i}") for i in range(40)]
        assert "stand in" not in said(zoo.load_dataset(write("a.tsv", lines(rows))))
        data = zoo.load_dataset(write("a.tsv", lines(rows * 3)))
        both = sum(x in set(data.train.x) for x in data.test.x)
        assert both > 6
        sentence = f"{both} of {len(data.test.x)} texts of the test split stand in"
        assert sentence in said(data)

    def test_one_text_with_two_labels(self, write):
        rows = [("ab"[i % 2], f"text number {i}") for i in range(40)]
        rows += [("b", "text number 0"), ("b", "Text  number 2")]
        data = zoo.load_dataset(write("a.tsv", lines(rows)))
        assert re.search(r"[12] texts .* with several labels", said(data))


def columns(rows, *names):
    return {n: list(c) for n, c in zip(names, zip(*rows, strict=True), strict=True)}


NUMBERS = [str(i) for i in range(60)]
MEASURED = [f"{i}.5" for i in range(60)]


class TestTables:
    @pytest.mark.parametrize(
        ("more", "target", "text"),
        [
            ({}, None, "text"),
            ({"id": NUMBERS}, None, "text"),
            ({"author": ["me", "you", "she"] * 20}, None, "text"),
            ({"length": MEASURED}, None, "text"),
            ({"length": MEASURED}, "label", "text"),
        ],
    )
    def test_the_column_of_texts(self, more, target, text):
        found = columns(LONG, "label", "text") | more
        assert text_table.find_text(found, [target] if target else []) == text
        data = text_table.load("mine", found, text, target)
        assert samples(data) == set(LONG)

    @pytest.mark.parametrize(
        ("names", "target"),
        [(("Sentiment", "Phrase"), None), (("v1", "v2"), None), (("k", "q"), "k")],
    )
    def test_columns_of_other_names(self, names, target):
        found = columns(LONG, *names)
        assert text_table.find_text(found, [target] if target else []) == names[1]
        assert samples(text_table.load("a", found, names[1], target)) == set(LONG)

    @pytest.mark.parametrize(
        "table",
        [
            {"size": MEASURED, "label": ["a", "b"] * 30},
            {
                "name": [x for _, x in LONG],
                "age": MEASURED,
                "survived": ["0", "1"] * 30,
            },
            {"n": NUMBERS, "name": ["1.5", "x.5"] * 30, "label": ["a", "b"] * 30},
            {"island": ["a", "b"] * 30, "species": ["c", "d"] * 30},
            {"n": NUMBERS, "label": ["a", "b"] * 30},
        ],
    )
    def test_measurements_are_no_texts(self, table):
        assert text_table.find_text(table) is None

    @pytest.mark.parametrize(
        ("more", "message"),
        [
            ({}, "no column of labels: none has values that repeat; name it with"),
            (
                {"who": ["me", "you"] * 30, "where": ["here", "there"] * 30},
                "several columns .* --target who or --target where",
            ),
        ],
    )
    def test_which_column_holds_labels_is_a_question(self, more, message):
        found = {"text": [x for _, x in LONG]} | more
        with pytest.raises(DatasetError, match=message):
            text_table.load("mine", found, "text")

    @pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json"])
    @pytest.mark.parametrize("is_array", [False, True])
    def test_json(self, write, name, is_array):
        objects = [{"id": i, "text": x, "label": y} for i, (y, x) in enumerate(LONG)]
        objects[0]["meta"] = {"a": 1}
        content = "".join(f"{json.dumps(each)}\n\n" for each in objects)
        path = write(name, json.dumps(objects, indent=1) if is_array else content)
        assert samples(zoo.load_dataset(path)) == set(LONG)

    def test_numbers_and_nulls_as_labels_in_json(self, write):
        objects = [{"text": f"text number {i}", "y": i % 2} for i in range(40)]
        objects += [{"text": "none", "y": None}, {"text": "nothing"}]
        path = write("a.jsonl", "".join(f"{json.dumps(each)}\n" for each in objects))
        data = zoo.load_dataset(path)
        assert data.labels == ("0", "1")
        assert "2 of 42 rows have no label" in said(data)

    @pytest.mark.parametrize(
        ("content", "target", "message"),
        [
            ('{"text": "a"}\n{"text": \n', None, "line 2 is not JSON"),
            ("3\n4\n", None, "must hold an object in each line"),
            ("[]", None, "must hold an object in each line"),
            ('{"size": 3, "y": 1}\n' * 9, None, "has one class"),
            ('{"text": "a b c", "y": 1}\n' * 9, "z", "no column 'z'; it has text, y"),
        ],
    )
    def test_what_is_no_text_in_json(self, write, content, target, message):
        with pytest.raises(DatasetError, match=message):
            zoo.load_dataset(write("a.jsonl", content), target=target)


class TestFolders:
    @pytest.mark.parametrize("parts", [("",), ("data/",), ("data/inner/",)])
    def test_a_folder_of_texts(self, write, tmp_path, parts):
        for i, (label, text) in enumerate(LONG):
            write(f"{parts[0]}{label}/{i}.txt", f"{text}\nand more\n")
        write(f"{parts[0]}.ipynb_checkpoints/0.txt", "hidden")
        write("README.txt", "not a class")
        expected = {(label, f"{text}\nand more") for label, text in LONG}
        assert samples(zoo.load_dataset(tmp_path)) == expected

    @pytest.mark.parametrize(
        "names", [("train", "dev", "test"), ("Training", "Val", "Testing")]
    )
    def test_splits(self, write, tmp_path, names):
        for part, size in zip(names, (20, 4, 6), strict=True):
            for i in range(size):
                write(f"{part}/{'ab'[i % 2]}/{i}.txt", f"{part} {i}")
        write("train/unsup/1.txt" if "train" in names else "Training/unsup/1.txt", "u")
        data = zoo.load_dataset(tmp_path)
        assert [len(s.y) for s in data.splits.values()] == [20, 4, 6]
        assert set(data.test.x) == {f"{names[2]} {i}" for i in range(6)}
        assert data.labels == ("a", "b")
        assert "unsup is no class" in said(data)

    def test_another_charset(self, write, tmp_path):
        for i, (label, text) in enumerate(ROWS):
            write(f"{label}/{i}.txt", text.encode("latin-1"))
        with pytest.raises(DatasetError, match=r"\.txt, line 1 is not UTF-8"):
            zoo.load_dataset(tmp_path)
        assert samples(zoo.load_dataset(tmp_path, charset="latin-1")) == set(ROWS)

    def test_a_class_of_the_test_split_alone(self, write, tmp_path):
        for part, label in (
            ("train", "a"),
            ("train", "b"),
            ("test", "a"),
            ("test", "c"),
        ):
            for i in range(5):
                write(f"{part}/{label}/{i}.txt", f"{part} {label} {i}")
        with pytest.raises(DatasetError, match="label 'c' has no text to train on"):
            zoo.load_dataset(tmp_path)


SYLLABLES = ("ba", "di", "ko", "mu", "ne", "ra", "so", "ti", "vu", "ze")


def names(count=300):
    """Names that occur once, of two languages that differ in their endings."""
    for i in range(count):
        stem = "".join(SYLLABLES[(i // 10**k) % 10] for k in range(3))
        yield (("en", stem + "son") if i % 3 else ("it", stem + "ini"))


CHINESE = [
    ("ab"[i % 2], "今天" + "好坏"[i % 2] * (1 + i % 4) + "天气") for i in range(60)
]


class TestUnits:
    @pytest.mark.parametrize(
        ("rows", "units"),
        [
            (list(names()), "characters"),
            (CHINESE, "characters"),
            (
                [("ab"[i % 2], "อากาศ" + "ดี" * (1 + i % 7)) for i in range(60)],
                "characters",
            ),
            (list(reviews(20)), "words"),
            ([("ab"[i % 2], f"good film {i} and so on") for i in range(60)], "words"),
            ([("ab"[i % 2], f"w{i} " * 30) for i in range(60)], "words"),
        ],
    )
    def test_data_decides(self, write, capsys, rows, units):
        job = prepare("text_cnn", dataset=write("a.tsv", lines(rows)))
        assert job.recipe.encoding["units"] == units
        tokens = job.data.vocabulary.tokens[2:]
        assert (max(map(len, tokens)) == 1) == (units == "characters")
        assert ("read by characters, since" in capsys.readouterr().err) == (
            units == "characters"
        )

    @pytest.mark.parametrize("units", ["words", "characters"])
    def test_units_can_be_given(self, write, units):
        path = write("a.tsv", lines(names()))
        job = prepare("text_cnn", dataset=path, encoding={"units": units})
        assert job.recipe.encoding["units"] == units
        assert job.data.train.x.shape[1] == (1 if units == "words" else 9)

    def test_a_vocabulary_that_is_given_decides(self):
        task, data = tasks.get("classification"), zoo.load_dataset("toy_polarity")
        known = task.encode(data, {"units": "characters"}).vocabulary
        again = dataclasses.replace(data, vocabulary=known)
        assert task.fit(again, {})["units"] == "characters"

    def test_other_data_is_refused_in_a_line(self):
        with pytest.raises(DatasetError, match="is for tagging; it has no classes"):
            prepare("text_cnn", dataset="toy_tags")

    @pytest.mark.slow
    def test_a_model_of_characters_is_exported_with_its_strings(self, write, tmp_path):
        import export

        path, output = write("a.tsv", lines(names())), tmp_path / "run"
        run = zoo.train("text_cnn", dataset=path, epochs=5, output=output)
        assert run.metrics["accuracy"] > 0.95
        found = predict(output, ["zezeson", "zezeini"])
        assert [each.top(1)[0][0] for each in found] == ["en", "it"]
        export.export_model(output, tmp_path / "models", formats=("saved_model",))


def test_a_file_to_predict_is_of_a_charset_too(write, tmp_path):
    path = write("a.tsv", lines(LONG))
    job = prepare("text_cnn", dataset=path)
    held = {"name": "text_cnn", "task": "classification", "dataset": str(path)}
    held |= {"labels": ["a", "b"], "vocabulary": as_json(job.data.vocabulary)}
    recipe = {"encoding": job.recipe.encoding}
    run = Run(job.model, {}, {}, tmp_path, held | {"recipe": recipe, "arguments": {}})
    assert len(predict(run, [write("a.txt", "a text\r\rmany\r")])) == 2
    with pytest.raises(DatasetError, match="line 1 is not UTF-8 text; as latin-1"):
        predict(run, [write("b.txt", "schön".encode("latin-1"))])


class TestTrainingSaysWhatItReads:
    def test_once_and_with_the_name(self, write, capsys):
        path = write("a.tsv", lines([*LONG, ("NA", "no label")]))
        job = prepare("text_cnn", dataset=path)
        printed = capsys.readouterr().err
        assert printed.count(f"{path}: 60 labelled texts of 2 classes") == 1
        assert printed.count("1 of 61 rows have no label") == 1
        assert job.data.labels == ("a", "b")
