"""The estate of a bank: five sites, two data centres, thirty applications, about 3,000 CIs."""

from typing import Any

from bank import business, machines, network, places, workplaces
from bank.builder import Estate

DEMO = (
    (
        "sh-dc1-ups-a",
        "UPS A of data centre 1 fails: every machine there loses one of two power supplies, "
        "much is at risk, no service goes down",
    ),
    (
        "sh-dc1-sto-1",
        "storage array 1 fails: both nodes of the core banking database are on it, "
        "so the cluster is lost and business services go down",
    ),
    (
        "cd-hub-agg-1",
        "the only aggregation switch of the Chengdu hub fails: its floors are cut off "
        "from the network",
    ),
)
"""Failures worth asking about: a key, and why."""


def estate() -> dict[str, Any]:
    """The whole estate in the form of an estate file."""
    made = Estate()
    for part in (places, network, machines, business, workplaces):
        part.build(made)
    return made.to_dict()
