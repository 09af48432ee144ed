"""Machines: devices, the workers of a cluster, processes and their memory."""
