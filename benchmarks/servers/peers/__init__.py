"""The peers' applications, each run by the Python of its own environment."""
