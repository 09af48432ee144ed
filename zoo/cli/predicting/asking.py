"""Opens what is asked: a model, an artifact or a server."""

import dataclasses
import shlex
from pathlib import Path

from zoo.inference.answers.answerer import Answerer
from zoo.inference.inputs.remarks import Remarks


def open_answerer(
    what: str, remarks: Remarks, *, url: str | None, trust: bool
) -> Answerer:
    """Returns what answers for a model.

    Args:
        what: A name, a run folder, a `.keras` file or an artifact; of a server, the
            name of its model.
        remarks: Who says what is odd about samples.
        url: Of a server, if it is one.
        trust: Whether code in a file, or what inspection refuses, may be run.

    Raises:
        ZooError: If there is no such model, or it is damaged.
    """
    answerer = _opened(what, remarks, url=url, trust=trust)
    given = [what] if url is None else [what, "--url", url]
    answerer.takes = dataclasses.replace(answerer.takes, given=shlex.join(given))
    return answerer


def _opened(what: str, remarks: Remarks, *, url: str | None, trust: bool) -> Answerer:
    if url is not None:
        from zoo.cli.predicting.server import ServerAnswerer

        return ServerAnswerer(url, what)
    from zoo.cli.predicting.artifact import ArtifactAnswerer, find_artifact

    folder = find_artifact(Path(what))
    if folder is not None:
        return ArtifactAnswerer(folder, remarks, trust=trust)
    from zoo.inference.answers.model_answerer import ModelAnswerer
    from zoo.runs.trained import trained

    return ModelAnswerer(trained(what, trust=trust), remarks)
