"""The pages of reports: HTML that needs no other file and no network."""

import base64
import html as markup
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType

from zoo.reports import facts
from zoo.reports.command import command
from zoo.reports.subject import Subject

_STYLE = """
:root { color-scheme: light dark; --text: #222; --quiet: #444; --line: #ddd;
  --ground: #f4f4f4; --shade: #3b6ea5; --two: #d08a28; --three: #5a9a4a; }
@media (prefers-color-scheme: dark) { :root { --text: #ddd; --quiet: #bbb;
  --line: #444; --ground: #262626; --shade: #7aa9da; --two: #e0a95a;
  --three: #8cc47c; } body { background: #161616; } }
body { font-family: system-ui, sans-serif; line-height: 1.5; margin: 2rem auto;
  padding: 0 1rem; color: var(--text); overflow-wrap: anywhere; }
h2 { border-bottom: 1px solid var(--line); margin-top: 2.5rem; }
figure { margin: 1.5rem 0; max-width: 40rem; } img { width: 100%; }
figcaption, .reading { color: var(--quiet); }
td, th { padding: 0.15rem 1.2rem 0.15rem 0; text-align: left; vertical-align: top; }
th { font-weight: 600; }
pre { background: var(--ground); padding: 0.8rem; white-space: pre-wrap;
  overflow-wrap: anywhere; }
.scroll { overflow-x: auto; overflow-wrap: normal; }
.beside { display: grid; gap: 1rem; grid-auto-flow: column;
  grid-auto-columns: minmax(16rem, 1fr); overflow-x: auto; }
.beside figure { margin: 0; }
svg { fill: var(--shade); overflow: visible; }
svg.small { width: 10rem; height: 2.5rem; }
svg.wide { width: 100%; max-width: 40rem; margin: 0.5rem 0; }
polyline { fill: none; stroke: var(--shade); stroke-width: 1.2; }
polyline.two { stroke: var(--two); } polyline.three { stroke: var(--three); }
.bars { width: 100%; max-width: 40rem; } .bars th { max-width: 12rem;
  min-width: 4rem; overflow-wrap: break-word; } .bars td { white-space: nowrap; }
.bar { width: 50%; } .bar span { display: block; height: 0.9rem; margin-top: 0.35rem;
  background: var(--shade); }
.samples { display: flex; flex-wrap: wrap; gap: 0.4rem; }
.samples img { width: 4.5rem; height: 4.5rem; object-fit: contain;
  image-rendering: pixelated; }
blockquote { margin: 0.5rem 0; padding-left: 0.8rem; white-space: pre-wrap;
  border-left: 3px solid var(--line); }
"""
MODEL = "What the model computes, who described it, and what it was trained on."
RESULT = (
    "Measured once, at the end, on the test split, of which training has seen nothing."
)
CLASSES = (
    "Precision: how many of the samples that were called so are of the class. Recall: "
    "how many of its samples were found. F1: their harmonic mean. A dash stands where "
    "it would be divided by zero: a class that was never predicted, or has no samples."
)
TARGETS = "Errors in the unit of each target, and its coefficient of determination."
AGAIN = "The command that trains it again; the same seed gives the same model."
TRAINING = "The recipe of the training, and the arguments of the model."
PICTURES = (
    "Each picture lies as a PNG file beside this page, too. They show the test split, "
    "unless they say otherwise."
)
MACHINE = "The numbers may differ in the last digits on another machine."


def of_run(subject: Subject, pictures: Mapping[ModuleType, bytes]) -> str:
    """Returns the page of one run.

    Args:
        subject: The run.
        pictures: PNG of each picture.
    """
    values = facts.results(subject)
    meanings = [facts.METRICS.get(name, "") for name in values]
    parts = [
        section("The model and its data", MODEL, table(facts.about(subject))),
        section("Result", RESULT, table(values, meanings)),
        *_parts_of_result(subject),
        section("Train it again", AGAIN, code(command(subject.config))),
        section("How it was trained", TRAINING, table(facts.training(subject))),
        section("Pictures", PICTURES),
        *(
            subsection(picture.TITLE, picture.READING, figure(png, picture.READING))
            for picture, png in pictures.items()
        ),
        section("Where it ran", MACHINE, table(facts.machine(subject.config))),
    ]
    return document(f"{subject.config['name']} on {subject.config['dataset']}", parts)


def _parts_of_result(subject: Subject) -> list[str]:
    targets = facts.targets(subject)
    if targets:
        return [section("Each target", TARGETS, columns(facts.TARGET_FIGURES, targets))]
    rows = facts.classes(subject)
    if not rows:
        return []
    names = (subject.details["unit"], *facts.CLASS_FIGURES)
    return [section("Each class", CLASSES, columns(names, rows))]


def document(title: str, parts: Iterable[str], width: int = 60) -> str:
    """Returns a whole page.

    Args:
        title: Its heading, as plain text.
        parts: HTML.
        width: Of the page at most, in units of the size of its text.
    """
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(title)}</title><style>{_STYLE}</style></head>",
            f'<body style="max-width: {width}rem"><h1>{escape(title)}</h1>',
            *parts,
            "</body></html>\n",
        ]
    )


def section(title: str, reading: str, content: str = "") -> str:
    """Returns a heading, the sentence that explains it, and its content."""
    return f"<h2>{escape(title)}</h2>{explained(reading)}{content}"


def subsection(title: str, reading: str, content: str) -> str:
    """Returns the same of a picture."""
    return f"<h3>{escape(title)}</h3>{explained(reading)}{content}"


def explained(reading: str) -> str:
    """Returns a sentence that says how to read something."""
    return f'<p class="reading">{escape(reading)}</p>'


def bullets(texts: Iterable[str]) -> str:
    """Returns a list."""
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"


def beside(cells: Iterable[str]) -> str:
    """Returns cells in columns."""
    return f'<div class="beside">{"".join(cells)}</div>'


def table(rows: Mapping[str, str], notes: Sequence[str] = ()) -> str:
    """Returns rows of a name and a value, with a note each where there are notes."""
    lines = []
    for i, (name, value) in enumerate(rows.items()):
        note = f"<td>{escape(notes[i])}</td>" if notes else ""
        lines.append(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td>{note}</tr>")
    return f"<table>{''.join(lines)}</table>"


def columns(names: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    """Returns rows with a value in the column of each name."""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    lines = [f"<tr><td></td>{head}</tr>"]
    for name, values in rows.items():
        cells = "".join(f"<td>{escape(value)}</td>" for value in values)
        lines.append(f"<tr><th>{escape(name)}</th>{cells}</tr>")
    return f"<table>{''.join(lines)}</table>"


def code(text: str) -> str:
    """Returns what a reader may type."""
    return f"<pre><code>{escape(text)}</code></pre>"


def figure(png: bytes, reading: str, caption: str = "") -> str:
    """Returns a picture, with how to read it for who cannot see it."""
    encoded = base64.b64encode(png).decode("ascii")
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    source = f"data:image/png;base64,{encoded}"
    return f'<figure><img alt="{escape(reading)}" src="{source}">{below}</figure>'


def escape(text: str) -> str:
    """Returns a text as HTML shows it."""
    return markup.escape(text)
