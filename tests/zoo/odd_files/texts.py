"""Texts and their labels."""

import json

from tests.zoo.odd_files.making import TEXT, N, Row, csv, file, noise, texts, tree


def comments():
    """As toxic comments come: a text and several labels, each in a column."""
    return "id,comment_text,toxic,threat,insult\n" + "".join(
        f"x{i:03}f,what one said about page {i},{i % 2},{i % 3 // 2},{i % 5 // 4}\n"
        for i in range(N)
    )


def tokens(row, before=""):
    """Sentences, a row for each token, with what stands before each."""
    return "".join(
        before
        + row.format(f"Sentence: {i}", "We", "O")
        + row.format("", "left", "O")
        + row.format("", f"Place{i % 7}", "B-geo")
        for i in range(N)
    )


TEXTS = [
    Row("label, tab, text", file("t.tsv", texts()), **TEXT),
    Row("text, tab, label", file("t.tsv", texts(form="{text}\t{label}\n")), **TEXT),
    Row("below a header", file("t.tsv", "label\ttext\n" + texts()), **TEXT),
    Row(
        "blank lines between rows",
        file("t.tsv", texts(form="{label}\t{text}\n\n")),
        **TEXT,
    ),
    Row(
        "CSV of text and label",
        file("t.csv", "text,label\n" + texts(form='"{text}, yes",{label}\n')),
        **TEXT,
    ),
    Row(
        "CSV with counts beside",
        file(
            "t.csv",
            "id,review,sentiment\n"
            + "".join(f'{i},"a text of {noise(i)}",{"pn"[i % 2]}\n' for i in range(N)),
        ),
        **TEXT,
    ),
    Row(
        "JSON lines",
        file(
            "t.jsonl",
            "".join(
                json.dumps({"text": f"a text of {noise(i)}", "label": "pn"[i % 2]})
                + "\n"
                for i in range(N)
            ),
        ),
        **TEXT,
    ),
    Row(
        "an array of JSON",
        file(
            "t.json",
            json.dumps(
                [
                    {"text": f"a text of {noise(i)}", "label": "pn"[i % 2]}
                    for i in range(N)
                ]
            ),
        ),
        **TEXT,
    ),
    Row(
        "other fields of JSON",
        file("t.jsonl", "".join(json.dumps({"a": 1, "b": 2}) + "\n" for i in range(N))),
        refused="one class",
    ),
    Row(
        "broken JSON",
        file("t.jsonl", '{"text": "a", "label": "b"}\n{"text": \n'),
        refused="line 2 is not JSON",
    ),
    Row(
        "a folder by class",
        tree(
            {
                f"{k}/{i}.txt": f"a text of {noise(i)} {k}"
                for k in ("n", "p")
                for i in range(20)
            }
        ),
        **TEXT,
    ),
    Row(
        "split folders",
        tree(
            {
                f"{s}/{k}/{i}.txt": f"a {s} text of {noise(i)} {k}"
                for s in ("Training", "dev", "TEST")
                for k in ("n", "p")
                for i in range(6)
            }
        ),
        **TEXT | {"samples": 36},
        check=lambda d: [len(s.y) for s in d.splits.values()] == [12, 12, 12],
    ),
    Row(
        "unsup beside",
        tree(
            {
                f"{s}/{i}.txt": f"a text of {noise(i)} {s}"
                for s in ("n", "p", "unsup")
                for i in range(20)
            }
        ),
        **TEXT,
        finds=("unused_folder",),
    ),
    Row(
        "a file for each split",
        tree({f"{s}.tsv": texts(20) for s in ("train", "valid", "test")}),
        **TEXT | {"samples": 60},
    ),
    Row(
        "latin-1",
        file("t.tsv", texts().replace("text", "größe").encode("latin-1")),
        refused="--charset",
    ),
    Row(
        "latin-1 read",
        file("t.tsv", texts().replace("text", "größe").encode("latin-1")),
        **TEXT,
        reading={"charset": "latin-1"},
    ),
    Row(
        "labels missing",
        file("t.tsv", texts() + "NA\ta text\n\tone more\n"),
        **TEXT,
        finds=("missing_labels",),
    ),
    Row(
        "texts missing",
        file("t.tsv", texts() + "p\t \n"),
        **TEXT,
        finds=("missing_texts",),
    ),
    Row(
        "near twins",
        file(
            "t.tsv",
            texts()
            + texts(3)
            .replace("p\t", "P\t")
            .replace("n\t", "P\t")
            .replace("text", "word"),
        ),
        task="classification",
        samples=N + 3,
        labels=("P", "n", "p"),
        finds=("near_twins",),
    ),
    Row("two tabs in a line", file("t.tsv", texts() + "p\ta\tb\n"), refused="line 41"),
    Row(
        "a label for each text",
        file("t.tsv", "".join(f"label{i}\ta text of {noise(i)}\n" for i in range(N))),
        refused="labels in 40 rows",
        reading={"kind": "labelled"},
    ),
    Row(
        "a sentence beside each text",
        file("t.tsv", "".join(f"label{i}\ta text of {noise(i)}\n" for i in range(N))),
        task="translation",
        samples=N,
        finds=("text_kind",),
    ),
    Row(
        "running text",
        file("t.txt", "".join(f"line {noise(i)} of it\n" for i in range(N))),
        task="language_modelling",
        finds=("text_kind",),
    ),
    Row(
        "a list of labels",
        file("t.txt", "pos\nneg\n" * 20),
        task="language_modelling",
        finds=("label_list",),
    ),
    Row(
        "running text by option",
        file("t.tsv", texts()),
        task="language_modelling",
        reading={"kind": "running"},
    ),
    Row(
        "tokens and tags",
        file("t.tsv", "".join(f"word{i}\tNOUN\nruns\tVERB\n\n" for i in range(12))),
        task="tagging",
        samples=12,
        labels=("NOUN", "VERB"),
    ),
    Row(
        "CoNLL",
        file(
            "t.txt",
            "-DOCSTART- -X- O\n\n"
            + "".join(f"word{i} NN B\nruns VB O\n\n" for i in range(12)),
        ),
        task="tagging",
        samples=12,
        labels=("B", "O"),
    ),
    Row(
        "CoNLL in three files",
        tree(
            {
                f"{s}.conll": "".join(f"w{i} NN B\nruns VB O\n\n" for i in range(n))
                for s, n in (("train", 12), ("dev", 3), ("test", 4))
            }
        ),
        task="tagging",
        samples=19,
        labels=("B", "O"),
    ),
    Row(
        "a treebank (CoNLL-U)",
        file(
            "t.conllu",
            "".join(
                f"# sent_id = {i}\n1\tIt\tit\tPRON\tPRP\t_\t2\tnsubj\t_\t_\n"
                f"2\truns{i}\trun\tVERB\tVBZ\t_\t0\troot\t_\t_\n\n"
                for i in range(12)
            ),
        ),
        task="tagging",
        samples=12,
        labels=("PRON", "VERB"),
        check=lambda d: d.train.x[0][0] == "It",
    ),
    Row(
        "pairs of sentences of Tatoeba",
        file(
            "t.txt",
            "".join(
                f"Go {i}.\tVa {i} !\tCC-BY 2.0 (France) Attribution: tatoeba.org #{i}\n"
                for i in range(N)
            ),
        ),
        task="translation",
        samples=N,
        finds=("text_kind",),
    ),
    Row(
        "few tagged sentences",
        file("t.tsv", "a\tX\nb\tY\n\n" * 3),
        refused="ten sentences",
    ),
    Row(
        "names by character",
        file(
            "t.tsv",
            "".join(f"{'pn'[i % 2]}\tNa{'aeiou'[i % 5]}m{i}\n" for i in range(N)),
        ),
        **TEXT,
    ),
    Row(
        "Chinese",
        file(
            "t.tsv",
            "".join(f"{'pn'[i % 2]}\t今天天气{chr(0x4E00 + i)}好\n" for i in range(N)),
        ),
        **TEXT,
    ),
    Row("an empty text file", file("t.txt", "\n\n"), refused="holds no text"),
    Row(
        "fastText",
        file("t.txt", texts(form="__label__{label} {text}\n")),
        **TEXT,
        finds=("text_kind",),
    ),
    Row(
        "fastText with several labels",
        file("t.txt", texts(form="__label__{label} __label__x {text}\n")),
        refused="line 1 has several labels; write a .csv table",
    ),
    Row(
        "a score of each text",
        file(
            "t.csv",
            "review,score\n"
            + "".join(f"a text of {noise(i)},{i * 7 % 100 / 10}\n" for i in range(N)),
        ),
        task="regression",
        labels=("score",),
        shape=(),
        check=lambda d: all(each.level != "refusal" for each in d.findings),
    ),
    Row(
        "texts that end in .md",
        tree({f"{k}/{i}.md": f"a text of {i}" for k in ("n", "p") for i in range(9)}),
        refused="holds folders of .md files, which are read neither as pictures nor",
    ),
    Row(
        "names and whole numbers that differ",
        csv(
            {
                "name": lambda i: "xy"[i // 2 % 2],
                "people": lambda i: i * i + 7,
                "price": lambda i: f"{i * 1.37:.2f}",
            }
        ),
        task="regression",
        labels=("price",),
        shape=(2,),
    ),
    Row(
        "columns of a fixed width",
        file(
            "t.txt",
            "".join(f"{noise(i):9}{noise(i + 1):9}{i % 2}\n" for i in range(N)),
        ),
        task="language_modelling",
        finds=("numbers",),
    ),
    Row(
        "libsvm",
        file("t.txt", "".join(f"{i % 2} 1:{noise(i)} 3:4\n" for i in range(N))),
        task="language_modelling",
        finds=("numbers",),
    ),
    Row(
        "a text beside columns of several labels",
        file("t.csv", comments()),
        refused="'comment_text' holds texts, and 'toxic', 'threat' and 'insult' 0 or 1 "
        "for each, so a text has several labels; learn one of them from the text: "
        "--features comment_text --target toxic; or all: write lines such as",
    ),
    Row(
        "one of several labels of a text by option",
        file("t.csv", comments()),
        task="classification",
        labels=("0", "1"),
        shape=(),
        reading={"target": "toxic", "features": ["comment_text"]},
    ),
    Row(
        "a row for each token, a number where a sentence begins",
        file("t.csv", "Sentence #,Word,POS,Tag\n" + tokens("{},{},NN,{}\n")),
        refused="a row for each token, 'Word' with its 'Tag', and 'Sentence #' where a "
        "sentence begins; for a tagger, write into a .txt file Word<TAB>Tag for each "
        "row, and an empty line before each row that has a 'Sentence #'",
    ),
    Row(
        "the same as it is to be written",
        file("t.txt", tokens("{1}\t{2}\n", "\n")),
        task="tagging",
        labels=("B-geo", "O"),
    ),
]
