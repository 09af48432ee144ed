"""Running text of any length becomes token ids and a vocabulary in one pass."""

import gzip

import numpy as np
import pytest

import zoo
from zoo.datasets import token_ids
from zoo.datasets.corpus import make_corpus, open_corpus
from zoo.datasets.token_ids import encode_text
from zoo.datasets.vocabulary import Vocabulary
from zoo.errors import DatasetError


def encoded(text, min_count=1, known=None):
    sentences = [line.split() for line in text.split("/")]
    ids, vocabulary = encode_text(sentences, min_count, known)
    return [vocabulary.tokens[i] or "/" for i in ids], vocabulary


def test_short_sentences_and_rare_words_are_left_out():
    tokens, vocabulary = encoded("a b a / c / b a c c x / x", min_count=2)
    assert tokens == ["a", "b", "a", "/", "b", "a", "c", "c", "x", "/"]
    assert vocabulary.tokens == ("", "[UNK]", "a", "c", "b", "x")
    assert vocabulary.counts == (0, 0, 3, 3, 2, 2)
    assert vocabulary == Vocabulary.frequent(
        [["a", "b", "a"], "c", ["b", "a", "c", "c", "x"], "x"], 2
    )


def test_a_vocabulary_that_is_known_is_kept():
    known = Vocabulary(("", "[UNK]", "b", "a"), counts=(0, 0, 9, 1))
    tokens, vocabulary = encoded("a x b / y y / b b", known=known)
    assert tokens == ["a", "b", "/", "b", "b", "/"]
    assert vocabulary is known


def test_chunks_and_files_change_nothing(monkeypatch):
    text = "/".join(f"a b {'c ' * (n % 7)}" for n in range(300))
    whole, _ = encoded(text)
    monkeypatch.setattr(token_ids, "_CHUNK", 64)
    monkeypatch.setattr("zoo.datasets.storage.fits", lambda size: False)
    ids, vocabulary = encode_text([line.split() for line in text.split("/")])
    assert isinstance(ids, np.memmap)
    assert [vocabulary.tokens[i] or "/" for i in ids] == whole


def test_rare_words_are_forgotten_so_that_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(token_ids, "_CHUNK", 100)
    monkeypatch.setattr(token_ids, "MOST_WORDS", 60)
    sentences = (["often", f"once{n}", "often"] for n in range(5000))
    ids, vocabulary = encode_text(sentences, 2)
    assert vocabulary.tokens[2:] == ("often",)
    assert vocabulary.counts[2] == 10_000 == (ids == 2).sum()


def read(*source):
    data = open_corpus(*source)
    return None if data is None else list(data.train.x)


class TestCorpus:
    def test_files_packed_or_not_in_their_order(self, tmp_path):
        (tmp_path / "b.txt").write_text("three\nfour")
        (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"one\ntwo\n"))
        (tmp_path / ".hidden.txt").write_text("never")
        lines = ["one", "two", "three", "four"]
        assert read(tmp_path) == lines
        assert read(str(tmp_path / "*.txt*")) == lines
        assert read("b", tmp_path) == lines[2:]
        assert read(tmp_path / "b.txt") == lines[2:]

    def test_a_long_line_is_cut_at_white_space(self, tmp_path):
        (tmp_path / "text8.txt").write_text("word " * 200_000)
        pieces = read(tmp_path / "text8.txt")
        assert max(map(len, pieces)) <= 2**16
        assert sum(len(piece.split()) for piece in pieces) == 200_000

    def test_labelled_texts_are_no_corpus(self, tmp_path):
        (tmp_path / "a.txt").write_text("good\ta film\nbad\ta book\n")
        assert read(tmp_path / "a.txt") is None
        assert read("digits") is None

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"a b\nc\0d\n", "line 2 holds a NUL character"),
            (b"a b\ncaf\xe9 au lait\n", "line 2 is not UTF-8 text.*--charset latin-1"),
        ],
    )
    def test_damaged_text(self, tmp_path, content, message):
        (tmp_path / "a.txt").write_bytes(content)
        with pytest.raises(DatasetError, match=message) as caught:
            read(tmp_path / "a.txt")
        assert "\n" not in str(caught.value)

    def test_a_damaged_archive(self, tmp_path):
        packed = gzip.compress(bytes(range(32, 127)) * 999)
        (tmp_path / "a.txt.gz").write_bytes(packed[: len(packed) // 2])
        with pytest.raises(DatasetError, match="a.txt.gz is damaged"):
            read(tmp_path / "a.txt.gz")

    def test_one_text_is_no_iterable_of_lines(self):
        with pytest.raises(DatasetError, match="`sentences` is one text"):
            make_corpus("mine", "one text")

    def test_it_is_public(self):
        assert zoo.make_corpus is make_corpus
