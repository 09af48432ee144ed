"""Answers to samples: what gives them, and what is printed and written of them."""
