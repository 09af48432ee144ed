"""Runs: the folder that holds one, what it tells, and the model it trained."""
