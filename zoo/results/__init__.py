"""Records of published results: the metrics that `docs/results.md` shows."""

from zoo.results.record import RECORDS, Record, records

__all__ = ["RECORDS", "Record", "records"]
