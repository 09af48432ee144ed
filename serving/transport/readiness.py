"""Whether every model answers, found out by asking it."""

import asyncio
import contextlib
import dataclasses
import math
from collections.abc import Callable

import numpy as np

from serving.errors import Code, StatusError
from serving.models.manager import ModelManager
from serving.models.scheduler import Inference, Scheduler
from serving.models.servable import Servable
from serving.protocol.model_spec import ModelSpec
from serving.protocol.openapi.samples import smallest_inputs

Report = Callable[[list[str]], None]

TIMEOUT_SECONDS = 10.0
SHORTEST_CACHE_SECONDS = 1.0
LARGEST_SHARE = 0.05  # of the time in which checks run
# What a model answers to a value that it does not like: it is alive.
_ALIVE = (Code.INVALID_ARGUMENT, Code.OUT_OF_RANGE, Code.FAILED_PRECONDITION)


@dataclasses.dataclass(slots=True)
class _Check:
    started: float
    waiting: set[str]
    reasons: list[str]
    reports: list[Report]


def _harmless_call(servable: Servable) -> tuple[str, dict[str, np.ndarray]] | None:
    """Returns a signature that neither changes nor loads anything, and inputs."""
    engine = servable.engine
    for name, signature in engine.signatures.items():
        if servable.profiles[name].traits.has_side_effects or not engine.is_ready(name):
            continue
        with contextlib.suppress(StatusError):  # no inputs that can be made up
            return name, smallest_inputs(signature)
    return None


class Readiness:
    """Runs the smallest inference of each model through the path of requests.

    It is that of a signature that changes nothing and has nothing to load first; a
    model without one is ready once it is loaded.

    One check runs at a time and is shared by all who ask meanwhile; its result holds
    for a second, or for as long as keeps checks below a twentieth of the time.

    Args:
        loop: The event loop of the transports.
        manager: Holds the models.
        scheduler: Runs inferences.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        manager: ModelManager,
        scheduler: Scheduler,
    ) -> None:
        self._loop = loop
        self._manager = manager
        self._scheduler = scheduler
        self._running: _Check | None = None
        self._reasons: list[str] = []
        self._valid_until = -math.inf

    def check(self, report: Report) -> None:
        """Calls `report` once with what is not ready; with nothing if all is.

        Args:
            report: Called now or later, in the thread of the event loop.
        """
        if self._running is not None:
            self._running.reports.append(report)
        elif self._loop.time() < self._valid_until:
            report(self._reasons)
        else:
            self._start(report)

    def _start(self, report: Report) -> None:
        names = self._manager.names()
        check = _Check(self._loop.time(), set(names), [], [report])
        check.reasons += [
            f"Model {name}: there is no version yet."
            for name in self._manager.waited_for()
        ]
        self._running = check
        if not names:
            check.reasons.append("No model is loaded.")
            self._finish(check)
        self._loop.call_later(TIMEOUT_SECONDS, self._give_up, check)
        for name in names:
            self._ask(check, name)

    def _ask(self, check: _Check, name: str) -> None:
        try:
            servable = self._manager.acquire(ModelSpec(name))
        except StatusError:
            self._answered(check, name, f"Model {name}: {self._why_missing(name)}")
            return

        def done(
            outputs: dict[str, np.ndarray] | None, error: StatusError | None
        ) -> None:
            self._manager.release(servable)
            reason = ""
            if error is not None and error.code not in _ALIVE:
                reason = f"Model {name} version {servable.version} fails: {error}"
            self._answered(check, name, reason)

        sample = _harmless_call(servable)
        if sample is None:
            done(None, None)
            return
        deadline = check.started + TIMEOUT_SECONDS
        self._scheduler.submit(
            Inference(servable, *sample, done, deadline), is_sample=True
        )

    def _why_missing(self, name: str) -> str:
        rows = self._manager.status(name)
        lines = [
            f"version {row.version} is {row.state.name}"
            + (f" ({row.error_message})" if row.error_message else "")
            for row in rows
        ]
        return f"no version is AVAILABLE; {', '.join(lines) or 'there is none'}."

    def _answered(self, check: _Check, name: str, reason: str) -> None:
        if name not in check.waiting:
            return  # after the timeout
        check.waiting.discard(name)
        if reason:
            check.reasons.append(reason)
        if not check.waiting:
            self._finish(check)

    def _give_up(self, check: _Check) -> None:
        if check is not self._running:
            return
        for name in sorted(check.waiting):
            check.reasons.append(
                f"Model {name} has not answered for {TIMEOUT_SECONDS:g} seconds."
            )
        check.waiting.clear()
        self._finish(check)

    def _finish(self, check: _Check) -> None:
        now = self._loop.time()
        seconds = max(SHORTEST_CACHE_SECONDS, (now - check.started) / LARGEST_SHARE)
        self._running, self._reasons = None, sorted(check.reasons)
        self._valid_until = now + seconds
        for report in check.reports:
            report(self._reasons)
