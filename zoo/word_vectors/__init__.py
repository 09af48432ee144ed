"""Word vectors: similarity, analogies, files of other programs, evaluation sets."""

from zoo.word_vectors.vectors import WordVectors

__all__ = ["WordVectors"]
