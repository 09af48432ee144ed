"""The progress of answers on standard error."""

from typing import Self

from tqdm import tqdm

from zoo import messages

_LEAST_BYTES = 1_000_000  # of inputs that take long enough to be watched


class Progress:
    """A bar of the bytes that were read, beside the number of answers.

    Args:
        total: Bytes of all inputs; None where they are not known.
    """

    def __init__(self, total: int | None) -> None:
        self.answers = 0
        known = "{percentage:3.0f} % |{bar}| {remaining} left"
        is_short = total is not None and total < _LEAST_BYTES
        self._bar = tqdm(
            total=total,
            leave=False,
            disable=True if messages.is_quiet() or is_short else None,
            dynamic_ncols=True,
            bar_format=("{elapsed}" if total is None else known) + "{postfix}",
        )

    def add(self, answers: int, read: int) -> None:
        """Counts the answers of a batch, and the bytes that were read for it."""
        self.answers += answers
        self._bar.set_postfix_str(f"{self.answers:,} answers", refresh=False)
        limit = self._bar.total
        self._bar.update(read if limit is None else min(read, limit - self._bar.n))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._bar.close()
