"""Clients of model servers: ours, TensorFlow Serving, and what speaks as it does.

What a call says and how it is repeated is the same for blocking and asynchronous
clients: a flow, which is a generator that yields what has to be sent or waited for and
does no I/O itself (`calls`, `retries`, `rest_calls`, `grpc_calls`). The four clients
run the flows over their transport.
"""
