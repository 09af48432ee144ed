"""What `zoo predict` asks and where the answers go.

Artifacts and servers are other packages than `zoo`, so their doors are here.
"""
