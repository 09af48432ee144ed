"""YAML of what deployments are made of: mappings, lists, strings and numbers."""

import json
import re
from collections.abc import Iterator
from typing import Any

_PLAIN_KEY = re.compile(r"[A-Za-z][\w./-]*")
# Words that YAML reads as no strings, also as keys.
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


def document(*trees: dict[str, Any]) -> str:
    """Writes documents; each string is quoted or a block, and read back as it is.

    Example:

    >>> print(document({"name": "a: #b", "ports": [{"port": 8500}]}), end="")
    name: "a: #b"
    ports:
      - port: 8500
    >>> print(document({"models.config": "a {\\n  b: 1\\n}\\n"}), end="")
    models.config: |
      a {
        b: 1
      }
    """
    return "---\n".join("\n".join(_lines(tree)) + "\n" for tree in trees)


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _entry(f"{_key(key)}:", each)
    else:
        for each in value:
            first, *rest = [_scalar(each)] if _is_scalar(each) else _lines(each)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)


def _entry(head: str, value: Any) -> Iterator[str]:
    if isinstance(value, str) and _is_block(value):
        yield f"{head} |"
        yield from (f"  {line}" for line in value.splitlines())
    elif _is_scalar(value):
        yield f"{head} {_scalar(value)}"
    else:
        yield head
        yield from (f"  {line}" for line in _lines(value))


def _is_block(text: str) -> bool:
    """Whether it is lines that a literal block holds as they are."""
    lines = text.split("\n")
    return (
        len(lines) > 2
        and not lines[-1]
        and not text.startswith((" ", "\n"))
        and all(lines[:-1])
        and all(map(_is_printable, text.replace("\n", "")))
    )


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, dict | list) or not value


def _key(key: str) -> str:
    is_plain = _PLAIN_KEY.fullmatch(key) and key.lower() not in _WORDS
    return key if is_plain else _scalar(key)


def _scalar(value: Any) -> str:
    # JSON is YAML, but for characters beyond those that YAML can print.
    text = json.dumps(value, ensure_ascii=False)
    return "".join(each if _is_printable(each) else _escaped(each) for each in text)


def _is_printable(character: str) -> bool:
    return character == " " or character.isprintable()


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 2**16 else f"\\U{code:08x}"
