"""Records finished runs, and writes what is derived from models and records.

They are `docs/results.md` and `zoo/catalogue.json`, which `zoo list` reads.

`python -m zoo.results [RUN]...`: the runs of one model, one for each seed. Runs that
were limited to fewer vector instructions are added to what is recorded, as in

    ONEDNN_MAX_CPU_ISA=AVX2 XLA_FLAGS=--xla_cpu_max_isa=AVX2 zoo train lenet5 \\
        --dataset digits --seed 1 --output runs/elsewhere/1
    python -m zoo.results runs/elsewhere/1
"""

import dataclasses
import sys
from pathlib import Path

from zoo.files import replacing, write_json
from zoo.results.baselines import baselines
from zoo.results.cataloguing import write_catalogue
from zoo.results.record import (
    RECORDS,
    add_elsewhere,
    limits_of,
    make_record,
    record_name,
    records,
)
from zoo.results.table import table
from zoo.runs.summary import summary
from zoo.weights import read_model

PAGE = Path(__file__).parents[2] / "docs/results.md"


def main(folders: list[Path]) -> None:
    """Records the runs in these folders, if any; writes page and catalogue."""
    if folders:
        _write_record(folders)
    with replacing(PAGE) as part:
        part.write_text(table(records().values(), baselines()))
    write_catalogue()


def _write_record(folders: list[Path]) -> None:
    runs = [summary(folder) for folder in folders]
    if limits_of(runs[0]):
        record = add_elsewhere(records()[record_name(runs[0])], runs)
    else:
        model = read_model(folders[0] / "model.keras")
        record = make_record(runs, model.count_params())
    write_json(RECORDS / f"{record.name}.json", dataclasses.asdict(record))
    records.cache_clear()


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
