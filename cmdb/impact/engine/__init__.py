"""The compiled engine: the graph as arrays, and the questions that walk it (Cython)."""
