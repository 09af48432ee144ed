"""Inputs of users as samples of a model; a form of input is one file.

Nothing here loads Keras: an exported artifact is asked without it.
"""
