"""One file a resource, mounted by folder scan: each has a `router`.

A resource is mounted below `/api/v1` and needs a token, unless it says `OPEN = True`.
"""
