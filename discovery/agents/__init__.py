"""One file (or folder) an agent. Each turns what a source says into observations."""
