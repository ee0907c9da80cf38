"""Discovery: agents that read sources and yield observations."""
