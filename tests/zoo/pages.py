"""Reads a page of HTML."""

from html.parser import HTMLParser

ALONE = {"meta", "img"}


class Elements(HTMLParser):
    """The elements of a page and the texts in them, in their order."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.shown = []
        self._open = []
        self.feed(text)
        assert not self._open, f"{self._open} are not closed"

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in ALONE:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open:
            self.shown.append((self._open[-1], data))

    def all(self, tag):
        """The attributes of each element of this kind."""
        return [attrs for name, attrs in self.found if name == tag]

    def texts(self, tag):
        """The text of each element of this kind."""
        return [text for name, text in self.shown if name == tag and text.strip()]

    def after(self, tag):
        """The text of each element of this kind, and the kind of the next one."""
        nexts = [
            self.found[i + 1][0] for i, each in enumerate(self.found) if each[0] == tag
        ]
        return list(zip(self.texts(tag), nexts, strict=True))
