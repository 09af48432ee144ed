"""Servers under measure, what they are asked, and the load on them."""
