"""The page of a report."""

import html as markup
from typing import Any

from zoo.reports.subject import Subject
from zoo.runs.reading import read_metrics

_STYLE = """
body { font-family: system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; }
img { max-width: 100%; } td { padding: 0 1rem 0 0; vertical-align: top; }
"""


def html(subject: Subject, pictures: list[tuple[str, str]]) -> str:
    """Returns a page that stands by itself.

    Args:
        subject: The run.
        pictures: Title and PNG, in base64, of each.
    """
    config = subject.config
    metrics = read_metrics(subject.directory)
    facts = {
        "test": ", ".join(f"{name} {value:.4f}" for name, value in metrics.items()),
        "command": config["command"],
        "recipe": config["recipe"],
        "arguments": config["arguments"],
        "parameters": f"{subject.model.count_params():,}",
        "device": config["devices"],
        "versions": config["versions"],
    }
    title = markup.escape(f"{config['name']} on {config['dataset']}")
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>",
        "<table>",
        *(_row(name, value) for name, value in facts.items()),
        "</table>",
        *(
            f"<h2>{markup.escape(heading)}</h2>"
            f'<img alt="{markup.escape(heading)}" src="data:image/png;base64,{png}">'
            for heading, png in pictures
        ),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _row(name: str, value: Any) -> str:
    if isinstance(value, dict):
        value = ", ".join(f"{k} {v}" for k, v in value.items() if v is not None)
    return f"<tr><td>{name}</td><td>{markup.escape(str(value))}</td></tr>"
