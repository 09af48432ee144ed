"""The formulas once more, in plain NumPy and double precision."""
