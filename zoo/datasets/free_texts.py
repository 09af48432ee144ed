"""Columns of free texts, of which a model of tables learns nothing, and what they are.

Some tables are samples of another form: a text beside several labels of 0 and 1, or a
token a row, where the first row of each sentence alone has its number.
"""

from collections.abc import Sequence

from zoo.datasets.column import Column
from zoo.datasets.finding import Finding, flags, listed
from zoo.datasets.text_table import are_texts

_TOKENS = ("word", "words", "token", "tokens")
_TAGS = ("tag", "tags", "ner", "ner_tag", "ner_tags", "label", "labels")
_SPARSE = 0.5  # share of the rows without the number of their sentence


def examine_free_texts(columns: Sequence[Column], texts: Sequence[Column]) -> Finding:
    """Returns what is found of columns that hold texts or identifiers in words.

    Args:
        columns: All of the table.
        texts: Those that a model would read, one or more.
    """
    names = [column.name for column in texts]
    alone = [column.name for column in texts if are_texts(column.cells)]
    truths = [c.name for c in columns if c.kind == "boolean" and not c.is_in_words]
    sentence = _of_tokens(columns, texts)
    if sentence:
        return sentence
    if len(alone) == 1 and len(truths) > 1:
        labels = ", ".join(f'"{name}"' for name in truths[:2])
        return Finding(
            "free_text",
            f"{alone[0]!r} holds texts, and {listed(truths)} 0 or 1 for each, so a "
            "text has several labels",
            f"learn one of them from the text: {flags('features', alone)} "
            f"{flags('target', truths[:1])}; or all: write lines such as "
            f'{{"text": "...", "labels": [{labels}]}}, with the labels that are 1, '
            "into a .jsonl file",
            "refusal",
        )
    verb = "hold" if len(texts) > 1 else "holds"
    given = " or ".join(flags("features", [name]) for name in alone[:3])
    return Finding(
        "free_text",
        f"{listed(names)} {verb} another text in most rows, such as names or "
        "identifiers, of which a model of tables can learn nothing",
        f"go on without: {flags('ignore', names)}"
        + (f"; or learn from a text alone: {given}" if alone else ""),
        "refusal",
    )


def _of_tokens(columns: Sequence[Column], texts: Sequence[Column]) -> Finding | None:
    """What is found of a table with a row for each token of sentences."""
    called = {column.name.strip().lower(): column.name for column in columns}
    token = next((called[name] for name in _TOKENS if name in called), None)
    tag = next((called[name] for name in _TAGS if name in called), None)
    first = columns[0]
    is_sparse = len(first.present) <= (1 - _SPARSE) * len(first.cells)
    is_read = first.name in [column.name for column in texts]
    if not (token and tag and is_read and is_sparse):
        return None
    return Finding(
        "free_text",
        f"it has a row for each token, {token!r} with its {tag!r}, and {first.name!r} "
        "where a sentence begins",
        f"for a tagger, write into a .txt file {token}<TAB>{tag} for each row, and an "
        f"empty line before each row that has a {first.name!r}",
        "refusal",
    )
