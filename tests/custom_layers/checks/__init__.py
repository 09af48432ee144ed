"""Checks: plain functions of a row, which raise when the component is wrong."""
