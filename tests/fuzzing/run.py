"""Fuzzes one parser, guided by what its code covers.

python -m tests.fuzzing.run csv 60 FOLDER    # so many seconds; finds stay there
"""

import sys
from pathlib import Path

import atheris

OURS = [
    *("zoo.datasets", "zoo.array_file", "zoo.bounds", "zoo.runs.reading"),
    *("export.manifest", "export.inspection", "serving.protocol"),
    *("serving.models.tf_record", "serving.bench.replay"),
]

with atheris.instrument_imports(include=OURS):
    from tests.fuzzing import targets
    from tests.fuzzing.targets import FOUND, SEEDS, TARGETS, check


def main(name: str, seconds: str, folder: Path) -> None:
    """Runs until the time is over, or an input raises what is not expected."""
    corpus = folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate([*SEEDS.get(name, []), *FOUND.get(name, [])]):
        (corpus / f"seed-{number}").write_bytes(data)
    target = TARGETS[name]
    with atheris.instrument_imports(include=OURS):
        for data in SEEDS.get(name, [b""]):
            targets.check(target, data)  # imports what it uses
    atheris.Setup(
        [
            *(sys.argv[0], str(corpus), f"-max_total_time={seconds}", "-max_len=4096"),
            *(
                "-timeout=20",
                "-rss_limit_mb=3000",
                f"-artifact_prefix={folder}/{name}-",
            ),
        ],
        lambda data: check(target, data),
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
