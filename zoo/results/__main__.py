"""Records finished runs, and writes what is derived from models and records.

They are `docs/results.md` and `zoo/catalogue.json`, which `zoo list` reads.

`python -m zoo.results [RUN]...`: the runs of one model, one for each seed.
"""

import dataclasses
import sys
from pathlib import Path

from zoo.files import replacing, write_json
from zoo.results.cataloguing import write_catalogue
from zoo.results.record import RECORDS, make_record, records
from zoo.results.table import table
from zoo.runs.summary import summary
from zoo.weights import read_model

PAGE = Path(__file__).parents[2] / "docs/results.md"


def main(folders: list[Path]) -> None:
    """Records the runs in these folders, if any; writes page and catalogue."""
    if folders:
        model = read_model(folders[0] / "model.keras")
        record = make_record([summary(f) for f in folders], model.count_params())
        write_json(RECORDS / f"{record.name}.json", dataclasses.asdict(record))
    with replacing(PAGE) as part:
        part.write_text(table(records().values()))
    write_catalogue()


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
