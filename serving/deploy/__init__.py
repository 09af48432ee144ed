"""Files that put exported models behind the servers of a cluster.

Each target renders texts by file name from what lies in a folder of models; `write`
writes them. Nothing here talks to a cluster.
"""
