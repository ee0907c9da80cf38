"""Measurements as ratios, every rival in the same run. `python -m benchmarks` runs all."""
