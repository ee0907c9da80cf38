"""The states of impact, from best to worst."""

OK, AT_RISK, DEGRADED, DOWN = 0, 1, 2, 3
STATES = ("ok", "at_risk", "degraded", "down")
