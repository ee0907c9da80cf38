"""Machines and groups that are not a piece of hardware."""

from datetime import timedelta

from cmdb.schema.attributes import Attribute
from cmdb.schema.catalog._shared import (
    DISK,
    MEMORY,
    NETWORK_IDENTITY,
    NETWORKED,
    SYSTEM,
    UUID,
    VENDOR,
)
from cmdb.schema.declarations import CIType, Identifier

FRESHNESS = timedelta(days=14)
VCPUS = Attribute("vcpus", "number", "Virtual processors.", minimum=0)

CI_TYPES = (
    CIType(
        "virtual_machine",
        "Virtual machine",
        "虚拟机",
        "A machine that a hypervisor provides.",
        parent="ci",
        freshness=FRESHNESS,
        identifiers=(
            UUID,
            Identifier("platform_id", ("instance_id",), 2, "Id the platform gave it."),
            *NETWORK_IDENTITY,
        ),
        attributes=(
            VCPUS,
            MEMORY,
            DISK,
            *SYSTEM,
            *NETWORKED,
            Attribute("instance_id", "string", "Id given by the virtualization platform."),
            Attribute("power_state", "string", "Power state, such as running or suspended."),
            Attribute("platform", "string", "Software platform, such as Linux."),
            Attribute("role", "string", "What it does in the estate."),
            VENDOR,
            Attribute("model", "string", "Model the platform gives itself."),
            Attribute("serial_number", "string", "Serial number the platform gave it."),
            Attribute("hypervisor_type", "string", "Product it runs on, such as VMware or KVM."),
            Attribute("snapshot_count", "integer", "Snapshots kept.", minimum=0),
        ),
    ),
    CIType(
        "container",
        "Container",
        "容器",
        "A container or pod.",
        parent="ci",
        freshness=timedelta(days=3),
        identifiers=(Identifier("container", ("container_id",), 1, "Id the runtime gave it."),),
        attributes=(
            Attribute("image", "string", "Image it was started from, with tag."),
            Attribute("image_digest", "string", "Digest of that image."),
            Attribute("container_id", "string", "Id given by the runtime."),
            Attribute("namespace", "string", "Namespace or project."),
            Attribute("runtime", "string", "Runtime, such as containerd."),
            Attribute("cpu_limit", "number", "Processors it may use.", minimum=0),
            Attribute("memory_limit", "integer", "Memory it may use.", unit="MiB", minimum=0),
            Attribute("state", "string", "State, such as running or paused."),
            Attribute("ports", "string", "Published ports, such as tcp/8080.", many=True),
            *SYSTEM,
            *NETWORKED,
        ),
    ),
    CIType(
        "cloud_resource",
        "Cloud resource",
        "云资源",
        "Something rented from a cloud: an instance, bucket, database, gateway or function.",
        parent="ci",
        freshness=FRESHNESS,
        identifiers=(
            Identifier("cloud", ("resource_id", "provider"), 1, "Id the provider gave it."),
        ),
        attributes=(
            Attribute("provider", "string", "Cloud provider."),
            Attribute("account", "string", "Account or subscription."),
            Attribute("region", "string", "Region of the provider."),
            Attribute("zone", "string", "Availability zone."),
            Attribute("resource_id", "string", "Id the provider gave it."),
            Attribute("resource_type", "string", "Kind, as the provider names it."),
            Attribute("size", "string", "Instance class or tier."),
            VCPUS,
            MEMORY,
            DISK,
            Attribute("ip_addresses", "ip", "Its addresses.", many=True),
            Attribute("fqdn", "string", "Name it is reached by."),
        ),
    ),
    CIType(
        "cluster",
        "Cluster",
        "集群",
        "Any group that acts as one: hypervisors, database nodes, a firewall pair.",
        parent="ci",
        freshness=timedelta(days=30),
        attributes=(
            Attribute("cluster_type", "string", "Product or kind, such as vSphere or VRRP."),
            Attribute(
                "mode",
                "string",
                "How its members share the work.",
                choices=("active_active", "active_passive", "quorum", "standalone"),
            ),
            Attribute("version", "string", "Version of the clustering software."),
            Attribute("virtual_ips", "ip", "Addresses the group answers at.", many=True),
            Attribute("fqdn", "string", "Name the group answers to."),
        ),
    ),
)
