"""Kubernetes: the objects of a cluster, as `kubectl get -o json` writes them, or from its API.

The API is asked by plain HTTP: that is a few paths with one rule of paging, where the official
client brings a model of every object there is. Pods come and go, so what is told are the workloads
whose pods they are. Keys are `cluster/Kind/namespace/name`: an object made anew is still the same.
"""

from collections.abc import Iterator
from typing import Any

from cmdb.errors import CMDBError
from cmdb.identity.observation import Observation, ObservedRelation
from discovery.agents.kubernetes import clusters, services, workloads
from discovery.agents.kubernetes.fetching import fetch
from discovery.agents.kubernetes.objects import Objects
from discovery.service_agent import ServiceAgent

NAME = "kubernetes"


def parse(document: Any) -> Iterator[Observation | CMDBError]:
    """All items of a list of objects, then their relations, and errors as they are found."""
    objects = Objects(document)
    relations: list[ObservedRelation] = []
    for part in (clusters, workloads, services):
        for found in part.observations(objects):
            if isinstance(found, ObservedRelation):
                relations.append(found)
            else:
                yield found
            yield from objects.taken()
    yield from objects.taken()
    yield from relations


AGENT = ServiceAgent("Kubernetes: nodes, workloads and services of a cluster", parse, fetch=fetch)
