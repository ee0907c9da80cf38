"""Alerts of monitoring: taken in, matched to CIs, folded into incidents by their cause."""
