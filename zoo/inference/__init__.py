"""Inference: scores on a test split, text, nearest neighbours, model cards, FLOPs."""
