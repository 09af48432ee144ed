"""Measures any server of TensorFlow Serving's APIs or of the Open Inference Protocol.

`requests` writes what is sent, `senders` sends it over raw connections, `load` decides
when, `measure` spreads that over processes, and `measurement` says what came of it.
"""
