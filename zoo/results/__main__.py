"""Records finished runs, and writes `docs/results.md` from all records.

The sizes of all models, which `zoo list` shows without building them, are written too.

`python -m zoo.results [RUN]...`: the runs of one model, one for each seed.
"""

import dataclasses
import sys
from pathlib import Path

from zoo.files import replacing, write_json
from zoo.registry import create_model, list_models
from zoo.results.record import PARAMETERS, RECORDS, make_record, records
from zoo.results.table import table
from zoo.runs.summary import summary
from zoo.weights import read_model

PAGE = Path(__file__).parents[2] / "docs/results.md"


def main(folders: list[Path]) -> None:
    """Records the runs in these folders, if there are any, and writes the page."""
    if folders:
        model = read_model(folders[0] / "model.keras")
        record = make_record([summary(f) for f in folders], model.count_params())
        write_json(RECORDS / f"{record.name}.json", dataclasses.asdict(record))
    sizes = {name: create_model(name).count_params() for name in list_models()}
    write_json(PARAMETERS, sizes)
    with replacing(PAGE) as part:
        part.write_text(table(records().values()))


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
