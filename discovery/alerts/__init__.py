"""Forms in which alerts come, one module each, found by its name; see `discovery/alerting.py`."""
