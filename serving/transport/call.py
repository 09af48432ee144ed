"""An inference on its way through a transport, whatever its protocol."""

import time


class Call:
    """What an API or a service notes of the request that it answers.

    Args:
        started: Of `time.perf_counter`, when the request had arrived; now if None.
        deadline: Time of the event loop's clock after which nobody waits; or None.

    Attributes:
        api: What metrics call its kind: `predict`, `ModelInfer`, ...; empty as long as
            it is no inference.
        model_name: The model that is asked for, known or not.
        version: The version that answers, once it is found.
        times: Of `time.perf_counter`: the beginning, and the end of each stage that was
            reached; the last one ends with the answer.
    """

    __slots__ = ("api", "deadline", "model_name", "times", "version")

    def __init__(
        self, started: float | None = None, deadline: float | None = None
    ) -> None:
        self.deadline = deadline
        self.api = self.model_name = ""
        self.version: int | None = None
        self.times = [time.perf_counter() if started is None else started]

    def ask(self, api: str, model_name: str) -> None:
        """Notes what is asked for."""
        self.api, self.model_name = api, model_name

    def end_stage(self) -> None:
        """Notes that a stage is over, and the next one begins."""
        self.times.append(time.perf_counter())
