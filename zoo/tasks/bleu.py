"""BLEU of translations, by sacrebleu."""

import importlib.util
from collections.abc import Sequence

from zoo import messages


def bleu(
    translations: Sequence[str], references: Sequence[str], *, by_characters: bool
) -> dict[str, float]:
    """Returns the corpus BLEU, 0 to 100; nothing without sacrebleu, which is said.

    Args:
        translations: What a model wrote.
        references: One for each.
        by_characters: Whether tokens are characters, not words.

    Reference:
        Papineni, Roukos, Ward and Zhu, 2002, BLEU: a method for automatic evaluation of
        machine translation; Post, 2018, A call for clarity in reporting BLEU scores.
    """
    if importlib.util.find_spec("sacrebleu") is None:
        messages.warn(
            "BLEU is left out, since sacrebleu is not installed: "
            'pip install "keras-serving-zoo[translate]".'
        )
        return {}
    from sacrebleu.metrics.bleu import BLEU

    metric = BLEU(tokenize="char" if by_characters else "13a")
    return {"bleu": float(metric.corpus_score(translations, [references]).score)}
