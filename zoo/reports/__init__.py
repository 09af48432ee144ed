"""Pictures of a finished run, and a page that holds them all."""

from zoo.reports.report import report

__all__ = ["report"]
