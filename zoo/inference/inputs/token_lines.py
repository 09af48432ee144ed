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
    if text_form.universal_columns(lines) is not None:
        return True
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


def sentences(
    lines: Iterable[str], *, is_universal: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Yields the line where each sentence begins, counted from 1, and its tokens.

    Args:
        lines: For which `are_token_lines` holds.
        is_universal: Whether they are those of `text_form.universal_columns`.

    >>> list(sentences(["-DOCSTART- O", "", "EU NNP", "rejects VBZ", "", "", "it PRP"]))
    [(3, ['EU', 'rejects']), (7, ['it'])]
    """
    tokens: list[str] = []
    start = 0
    for number, line in enumerate(lines, 1):
        cells = line.split("\t")
        if is_universal and line and not cells[0].isdigit():
            continue  # a comment, or a word of which others are contracted
        token = cells[1] if is_universal and line else cells[0].split(maxsplit=1)[:1]
        token = "".join(token)
        if token and token != text_form.DOCUMENT:
            start = start if tokens else number
            tokens.append(token)
        elif tokens:
            yield start, tokens
            tokens = []
    if tokens:
        yield start, tokens
