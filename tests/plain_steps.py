"""Trainings that nobody asks to compile with XLA, which takes longer than they do."""

from collections.abc import Iterator

import keras
import pytest

from zoo.training import job


@pytest.fixture(scope="session", autouse=True)
def plain_steps() -> Iterator[None]:
    """`jit="auto"` means off; tests of compiled steps ask for `jit="on"`."""
    decide = job.uses_xla

    def uses_xla(model, jit, devices):
        return decide(model, "off" if jit == "auto" else jit, devices)

    with pytest.MonkeyPatch.context() as patch:
        if keras.backend.backend() != "jax":  # which compiles everything
            patch.setattr(job, "uses_xla", uses_xla)
        yield
