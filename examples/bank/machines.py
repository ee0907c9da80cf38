"""Storage, hypervisors and the servers of the platform teams; what they need and who they serve."""

from typing import Any

from bank.builder import Estate
from bank.network import CENTERS
from bank.places import RACKS

# prefix, name, number in each data centre, team, what it is for
PLATFORM = (
    ("ad", "Directory server", 3, "platform", "Active Directory domain controller and DNS"),
    ("bkp", "Backup server", 2, "storage", "backup media server"),
    ("log", "Log server", 4, "security", "log and event store"),
    ("mon", "Monitoring server", 2, "platform", "monitoring"),
    ("bat", "Batch server", 4, "batch", "month-end and day-end batch"),
    ("mq", "Message server", 3, "middleware", "message queues"),
    ("ftp", "File transfer server", 2, "middleware", "managed file transfer"),
    ("dwh", "Warehouse node", 6, "data", "massively parallel data warehouse"),
    ("bda", "Big data node", 8, "data", "Hadoop data node"),
)

# name, hosts, hosts needed
POOLS = (("prod1", 8, "75%"), ("prod2", 8, "75%"), ("test", 4, "50%"))


MACHINE_RACKS = [number for number in range(1, RACKS + 1) if number not in (1, 10)]
"""The others hold the core of the network."""


def build(e: Estate) -> None:
    """Add them all."""
    for site in CENTERS:
        Racks.next = 0
        for number in range(1, 5):
            array = e.device(
                f"{site}-sto-{number}", "storage", f"{site.upper()} array {number}", "storage",
                site, "storage", capacity=300, used=40 * number, protocols=["FC", "NFS"],
            )  # fmt: skip
            install(e, array, site, 6)
        for number in (1, 2, 3):
            module = e.device(
                f"{site}-hsm-{number}", "appliance", f"{site.upper()} 加密机 {number}", "security",
                site, "hsm", purpose="hardware security module",
            )  # fmt: skip
            install(e, module, site, 2)
        for number in (1, 2):
            clock = e.device(
                f"{site}-ntp-{number}", "appliance", f"{site.upper()} time server {number}",
                "network", site, "clock", purpose="NTP from BeiDou and GPS",
            )  # fmt: skip
            install(e, clock, site, 1)
        for prefix, name, count, team, role in PLATFORM:
            for number in range(1, count + 1):
                title = f"{site.upper()} {name} {number}"
                server(e, f"{site}-{prefix}-{number}", title, team, site, role=role)
        _pools(e, site)
    _technical_services(e)


class Racks:
    """Which rack the next machine goes into; machines are spread over the racks."""

    next = 0


def install(e: Estate, key: str, site: str, height: int) -> None:
    """Mount a device in a rack and link it to both switches at the top of it."""
    number = MACHINE_RACKS[Racks.next % len(MACHINE_RACKS)]
    Racks.next += 1
    e.mount(key, f"{site}-r{number:02}", height)
    e.join(key, "connects_to", f"{site}-tor{number:02}-1", f"{site}-tor{number:02}-2")


def server(
    e: Estate, key: str, name: str, team: str, site: str, product: str = "server", **more: Any
) -> str:
    """A physical server or hypervisor in a rack."""
    kind = "hypervisor" if product == "hypervisor" else "server"
    e.device(
        key, kind, name, team, site, product, hostname=key, fqdn=f"{key}.jinhe.example",
        cpu_cores=64, cpu_count=2, memory=512 * 1024, power_supplies=2,
        **{"operating_system": "Kylin V10" if kind == "server" else "ESXi 8.0", **more},
    )  # fmt: skip
    install(e, key, site, 2)
    return key


def virtual_machine(e: Estate, key: str, name: str, team: str, pool: str, **more: Any) -> str:
    """A virtual machine on a hypervisor cluster."""
    site = pool.rsplit("-", 1)[0]
    e.ci(
        key, "virtual_machine", name, team, hostname=key, ip_addresses=[e.address(site)],
        **{"environment": "production", "site": f"site-{site}", "vcpus": 8, "memory": 32 * 1024,
           "disk": 200, "operating_system": "Kylin V10", **more},
    )  # fmt: skip
    e.join(key, "hosted_on", pool)
    return key


def _pools(e: Estate, site: str) -> None:
    """Hypervisor clusters, each on two mirrored arrays."""
    for pool, hosts, need in POOLS:
        key = e.ci(
            f"{site}-{pool}", "cluster", f"{site.upper()} virtualization {pool}", "platform",
            needs={"members": need, "datastores": 1}, cluster_type="vSphere", mode="active_active",
            site=f"site-{site}", environment="test" if pool == "test" else "production",
        )  # fmt: skip
        e.join(key, "depends_on", f"{site}-sto-2", f"{site}-sto-3", group="datastores")
        for number in range(1, hosts + 1):
            name = f"{site.upper()} ESXi {pool} {number}"
            host = server(e, f"{site}-{pool}-h{number}", name, "platform", site, "hypervisor")
            e.join(host, "member_of", key)
    for role in ("vcenter", "jump", "siem", "patch", "proxy", "relay", "cmdb", "ansible"):
        virtual_machine(
            e, f"{site}-{role}", f"{site.upper()} {role}", "platform", f"{site}-prod1", role=role
        )


def _technical_services(e: Estate) -> None:
    def service(
        key: str, name: str, team: str, group: str, need: int | str, ends: list[str]
    ) -> None:
        e.ci(
            f"ts-{key}", "technical_service", name, team, needs={group: need}, service_hours="24x7",
            criticality="mission_critical", environment="production",
        )  # fmt: skip
        e.join(f"ts-{key}", "depends_on", *ends, group=group)
        e.join(f"ts-{key}", "supported_by", f"team-{team}")

    def both(*names: str) -> list[str]:
        return [f"{site}-{name}" for site in CENTERS for name in names]

    domain = both("ad-1", "ad-2", "ad-3")
    for machine in domain:
        for product, port in (("dns", 53), ("ldap", 389)):
            key = e.ci(
                f"{machine}-{product}", "software_service", f"{product.upper()} on {machine}",
                "platform", port=port, protocol="tcp", product=product, environment="production",
            )  # fmt: skip
            e.join(key, "runs_on", machine)
    service(
        "dns", "Name resolution 域名解析", "platform", "resolvers", 2, [f"{m}-dns" for m in domain]
    )
    service("directory", "Directory", "platform", "controllers", 2, [f"{m}-ldap" for m in domain])
    service("ntp", "Time", "network", "clocks", 2, both("ntp-1", "ntp-2"))
    service("hsm", "Key management", "security", "modules", "50%", both("hsm-1", "hsm-2", "hsm-3"))
    service("backup", "Backup", "storage", "media servers", 1, both("bkp-1", "bkp-2"))
    service("mq", "Message queues", "middleware", "brokers", "50%", both("mq-1", "mq-2", "mq-3"))
    service("monitoring", "Monitoring", "platform", "servers", 1, both("mon-1", "mon-2"))
    service("transfer", "File transfer", "middleware", "servers", 1, both("ftp-1", "ftp-2"))
    service("batch", "Batch processing", "batch", "servers", "50%",
            both("bat-1", "bat-2", "bat-3", "bat-4"))  # fmt: skip
    service(
        "virtualization", "Virtualization", "platform", "clusters", "50%", both("prod1", "prod2")
    )
    service("internet", "Internet access", "network", "edges", 1, both("inet-1", "inet-2"))
    service("wan", "Wide area network", "network", "routers", 2, both("wan-1", "wan-2"))
    service("relay", "Mail relay", "platform", "relays", 1, both("relay"))
    for site in CENTERS:
        for number in (1, 2):
            e.join(f"{site}-bkp-{number}", "depends_on", f"{site}-sto-4")
        for pool, _, _ in POOLS:
            e.join(f"{site}-{pool}", "managed_by", f"{site}-vcenter")
