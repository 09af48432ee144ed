"""Files for TensorBoard's embedding projector."""

from pathlib import Path

import numpy as np

from zoo.files import replacing
from zoo.messages import printable
from zoo.word_vectors import WordVectors

_CONFIG = """embeddings {
  tensor_name: "word vectors"
  tensor_path: "vectors.tsv"
  metadata_path: "words.tsv"
}
"""


def write_projector(vectors: WordVectors, folder: Path) -> None:
    """Writes vectors, words and the projector's configuration, a file each.

    `tensorboard --logdir FOLDER` shows them.

    Args:
        vectors: What to show.
        folder: Where the three files are written; others in it stay.
    """
    with replacing(folder / "vectors.tsv") as part:
        np.savetxt(part, vectors.matrix, fmt="%.6g", delimiter="\t")
    with replacing(folder / "words.tsv") as part:
        # A word of a binary file may hold what ends a row.
        part.write_text("".join(f"{_cell(word)}\n" for word in vectors.words), "utf-8")
    with replacing(folder / "projector_config.pbtxt") as part:
        part.write_text(_CONFIG)


def _cell(word: str) -> str:
    return printable(word).replace("\t", "\\t").replace("\n", "\\n")
