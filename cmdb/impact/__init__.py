"""Blast radius on an in-memory snapshot of the graph: propagation and explanation. Pure."""
