"""Asks a cluster for the objects that are told."""

from typing import Any

from discovery.web import Service

PATHS = {
    "Node": "api/v1/nodes",
    "Namespace": "api/v1/namespaces",
    "Service": "api/v1/services",
    "Deployment": "apis/apps/v1/deployments",
    "StatefulSet": "apis/apps/v1/statefulsets",
    "DaemonSet": "apis/apps/v1/daemonsets",
    "CronJob": "apis/batch/v1/cronjobs",
    "Ingress": "apis/networking.k8s.io/v1/ingresses",
}
PAGE = 500


def fetch(service: Service) -> dict[str, Any]:
    """A list of all objects, page by page; what the cluster does not have is left out."""
    items: list[Any] = []
    for kind, path in PATHS.items():
        query: dict[str, str | int] = {"limit": PAGE}
        while True:
            page = service.json(path, missing=True, **query)
            found = page if isinstance(page, dict) else {}
            rows = found.get("items") or []
            items += [{**one, "kind": kind} if isinstance(one, dict) else one for one in rows]
            more = (found.get("metadata") or {}).get("continue")
            if not more:
                break
            query = {"limit": PAGE, "continue": str(more)}
    version = service.json("version", missing=True)
    return {"kind": "List", "items": items, "version": version, "server": service.address}
