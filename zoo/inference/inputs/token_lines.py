"""Sentences of a file with a token in each line, as CoNLL and taggers write them."""

from collections.abc import Iterable, Iterator, Sequence

from zoo.datasets import text_form


def are_token_lines(lines: Sequence[str]) -> bool:
    """Returns whether lines hold a token each, perhaps with tags behind it.

    Empty lines separate the sentences.

    >>> are_token_lines(["EU NNP B", "rejects VBZ O", "it PRP O", "", "no DT O"])
    True
    >>> are_token_lines(["It", "works", "", "Really"])
    True
    >>> are_token_lines(["It works.", "", "Really it does."])
    False
    """
    rows = [line.split() for line in lines if text_form.DOCUMENT not in line]
    filled = sum(map(bool, rows))
    blocks = sum(
        bool(r) and not before for before, r in zip([[], *rows], rows, strict=False)
    )
    if not 1 < blocks < filled:
        return False
    if {len(row) for row in rows if row} == {1}:
        return True
    if all(line.count("\t") == 1 for line in lines if line.strip()):
        pairs = [tuple(line.split("\t")) if line.strip() else None for line in lines]
        return text_form.is_tagged(pairs)  # pyright: ignore
    return text_form.token_columns(lines, is_sure=True) is not None


def sentences(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yields the line where each sentence begins, counted from 1, and its tokens.

    >>> list(sentences(["-DOCSTART- O", "", "EU NNP", "rejects VBZ", "", "", "it PRP"]))
    [(3, ['EU', 'rejects']), (7, ['it'])]
    """
    tokens: list[str] = []
    start = 0
    for number, line in enumerate(lines, 1):
        token = next(iter(line.split("\t", 1)[0].split()), "")
        if token and token != text_form.DOCUMENT:
            start = start if tokens else number
            tokens.append(token)
        elif tokens:
            yield start, tokens
            tokens = []
    if tokens:
        yield start, tokens
