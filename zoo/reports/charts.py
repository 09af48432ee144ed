"""Small charts of data as SVG, in the colours of the page they stand in."""

import html as markup
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

_WIDTH, _HEIGHT = 160, 40  # of a histogram
_BINS = 20
_POINTS = 600  # of a line, at most
_SHADES = ("one", "two", "three")


def histogram(values: np.ndarray) -> str:
    """Returns the distribution of the finite ones of some numbers.

    >>> histogram(np.array([0.0, 0.0, 1.0])).count("<rect")
    2
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return ""
    counts, edges = np.histogram(finite, bins=_BINS)
    width, most = _WIDTH / _BINS, counts.max()
    bars = [
        f'<rect x="{i * width:.1f}" y="{_HEIGHT * (1 - n / most):.1f}" '
        f'width="{width - 1:.1f}" height="{_HEIGHT * n / most:.1f}"/>'
        for i, n in enumerate(counts)
        if n
    ]
    about = f"histogram from {edges[0]:.6g} to {edges[-1]:.6g}"
    return _svg(_WIDTH, _HEIGHT, about, bars, "small")


def bars(counts: Mapping[str, int], notes: Mapping[str, str] | None = None) -> str:
    """Returns a table of names with a bar and a number each.

    Args:
        counts: By name.
        notes: More of a name, behind its number.

    >>> bars({"a": 2, "b": 1}).count("<tr>")
    2
    """
    most = max(counts.values(), default=1) or 1
    rows = [
        f"<tr><th>{markup.escape(name)}</th>"
        f'<td class="bar"><span style="width: {100 * n / most:.1f}%"></span></td>'
        f"<td>{n:,}{markup.escape((notes or {}).get(name, ''))}</td></tr>"
        for name, n in counts.items()
    ]
    return f'<table class="bars">{"".join(rows)}</table>'


def lines(parts: Sequence[np.ndarray], about: str) -> str:
    """Returns series that follow each other, each in a shade of its own.

    Args:
        parts: One after the other in time.
        about: What they are, for who cannot see them.
    """
    whole = np.concatenate(parts)
    lowest, span = float(whole.min()), float(np.ptp(whole)) or 1.0
    width, height = 600, 150
    drawn, start = [], 0
    for shade, part in zip(_SHADES, parts, strict=False):
        places = np.arange(start, start + len(part))[:: -(-len(whole) // _POINTS)]
        x = places / max(1, len(whole) - 1) * width
        y = height - (whole[places] - lowest) / span * height
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
        drawn.append(f'<polyline class="{shade}" points="{points}"/>')
        start += len(part)
    return _svg(width, height, about, drawn, "wide")


def _svg(width: int, height: int, about: str, parts: Iterable[str], kind: str) -> str:
    return (
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{markup.escape(about)}">{"".join(parts)}</svg>'
    )
