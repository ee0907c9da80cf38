"""Applications with their web servers, middleware and databases; the services on top of them."""

from hashlib import sha256

from bank.builder import Estate, day
from bank.machines import server, virtual_machine
from bank.network import CENTERS
from bank.people import DEPARTMENTS
from bank.portfolio import APPLICATIONS, DC1, DC2, SERVICES, Application

RTO = {1: 30, 2: 120, 3: 480}
CRITICALITY = {1: "mission_critical", 2: "high", 3: "medium"}
NODES: dict[int, tuple[int, int | str]] = {1: (6, "50%"), 2: (3, 2), 3: (2, 1)}
"""For each tier, how many middleware nodes there are and how many are needed."""


def build(e: Estate) -> None:
    """Add them all."""
    for app in APPLICATIONS:
        _application(e, app)
    for app in APPLICATIONS:
        key = f"app-{app.code}"
        e.join(key, "depends_on", *(f"app-{code}" for code in app.needs.split()))
        e.join(key, "uses", *(f"app-{code}" for code in app.uses.split()))
    _special_cases(e)
    _services(e)
    _contracts(e)


def _application(e: Estate, app: Application) -> None:
    code, sites = app.code, CENTERS if app.tier == 1 else (app.home,)
    nodes, need = NODES[app.tier]
    key = e.ci(
        f"app-{code}", "application", app.name, app.team, needs={"web": 1, "nodes": need},
        code=code.upper(), environment="production", criticality=CRITICALITY[app.tier],
        recovery_time_objective=RTO[app.tier], recovery_point_objective=RTO[app.tier] // 2,
        protection_level=4 - app.tier, site=f"site-{app.home}", url=f"https://{code}.jinhe.example/",
        version=f"{day(code).year - 2014}.{len(app.name) % 9}", go_live_date=str(day(code, 2012)),
    )  # fmt: skip
    e.join(key, "supported_by", f"team-{app.team}")
    e.join(key, "depends_on", "ts-directory" if app.tier == 3 else "ts-mq")
    e.join(key, "uses", "ts-dns", "ts-ntp", "ts-monitoring")
    balancers = [f"{site}-lb-{'internet' if app.tier == 1 else 'intranet'}" for site in sites]
    e.join(key, "depends_on", *balancers, group="load balancers")
    for number in range(1, 3 * len(sites) if app.tier == 1 else 3):
        machine = _machine(e, app, "web", number, sites)
        web = e.ci(
            f"web-{code}-{number}", "web_server", f"nginx {code} {number}", "middleware",
            vendor="F5", product="nginx", version="1.26.2", port=443, environment="production",
        )  # fmt: skip
        e.join(web, "runs_on", machine)
        e.join(key, "depends_on", web, group="web")
    for number in range(1, nodes + 1):
        machine = _machine(e, app, "app", number, sites)
        node = e.ci(
            f"mw-{code}-{number}", "middleware", f"TongWeb {code} {number}", "middleware",
            vendor="Tongtech", product="TongWeb", version="7.0", port=8080,
            kind="application server", environment="production",
        )  # fmt: skip
        e.join(node, "runs_on", machine)
        e.join(key, "depends_on", node, group="nodes")
    for number in range(1, 3 if app.tier < 3 else 2):
        virtual_machine(
            e, f"vm-{code}-uat-{number}", f"{app.name} UAT {number}", app.team, f"{app.home}-test",
            environment="test", vcpus=4,
        )  # fmt: skip
    e.join(key, "depends_on", _database(e, app))
    certificate = e.ci(
        f"cert-{code}", "certificate", f"{code}.jinhe.example", "security",
        subject=f"CN={code}.jinhe.example,O=Jinhe Bank", issuer="CN=CFCA OV OCA,O=CFCA",
        not_before="2025-09-01T00:00:00+08:00", not_after="2026-09-30T23:59:59+08:00",
        key_algorithm="SM2", key_size=256, fingerprint=sha256(code.encode()).hexdigest(),
    )  # fmt: skip
    e.join(key, "uses", certificate)
    runbook = e.ci(
        f"doc-{code}", "document", f"Runbook {app.name}", app.team, author=f"{app.team} team",
        url=f"https://wiki.jinhe.example/runbooks/{code}", review_date="2026-12-31",
    )  # fmt: skip
    e.join(key, "documented_by", runbook)


def _machine(e: Estate, app: Application, role: str, number: int, sites: tuple[str, ...]) -> str:
    """The virtual machine of a node; nodes alternate between sites and clusters."""
    site = sites[number % len(sites)]
    pool = f"{site}-prod{1 + number // len(sites) % 2}"
    return virtual_machine(
        e, f"vm-{app.code}-{role}-{number}", f"{app.code.upper()} {role} {number}", app.team, pool,
        role=f"{role} node of {app.name}", criticality=CRITICALITY[app.tier],
    )  # fmt: skip


def _database(e: Estate, app: Application) -> str:
    """Two nodes that act as one; tier 1 also has a replica in the other data centre."""
    code, home = app.code, app.home
    other = DC2 if home == DC1 else DC1
    cluster = e.ci(
        f"dbc-{code}", "cluster", f"{app.database} cluster {code.upper()}", "database",
        cluster_type=app.database, mode="active_active" if app.tier == 1 else "active_passive",
        environment="production", criticality=CRITICALITY[app.tier],
    )  # fmt: skip
    sites = {1: (home, home, other), 2: (home, other), 3: (home, home)}[app.tier]
    for number, site in enumerate(sites, 1):
        role = "primary" if number == 1 or (app.tier == 1 and number == 2) else "replica"
        database = e.ci(
            f"db-{code}-{number}", "database", f"{app.database} {code.upper()} {number}",
            "database",
            needs={"arrays": 1} if app.tier == 2 else None, product=app.database,
            version="19.22" if app.database == "Oracle" else "8.0", instance=f"{code}{number}",
            role=role, size=100 * (4 - app.tier) * len(app.name), environment="production",
        )  # fmt: skip
        name = f"{code.upper()} database {number}"
        if app.tier == 3:
            pool = f"{site}-prod{number}"
            machine = virtual_machine(e, f"vm-{code}-db-{number}", name, "database", pool)
        else:
            machine = server(
                e, f"srv-{code}-db-{number}", name, "database", site, "database",
                role=f"database server of {app.name}",
            )  # fmt: skip
        e.join(database, "runs_on", machine)
        e.join(database, "backed_up_by", "ts-backup")
        if role == "replica":
            e.join(database, "replica_of", f"db-{code}-1")
        if number < 3:
            e.join(database, "member_of", cluster)
        if app.tier == 1:  # core banking keeps both nodes on one array, which nobody noticed
            array = 1 if code == "cbs" or number != 2 else 2
            e.join(database, "depends_on", f"{site}-sto-{array}")
        elif app.tier == 2:
            e.join(database, "depends_on", f"{site}-sto-2", f"{site}-sto-3", group="arrays")
    return cluster


def _special_cases(e: Estate) -> None:
    """What is not the same for every application."""
    for code in ("pay", "cnp", "dcs", "ccs"):
        e.join(f"app-{code}", "depends_on", "ts-hsm")
    e.join("app-meb", "depends_on", "ts-batch", "ts-transfer")
    e.join("app-cnp", "uses", "ts-transfer")
    e.join("app-eml", "depends_on", "ts-relay")
    for code in ("ibk", "mbk", "cib"):
        e.join(f"app-{code}", "depends_on", "ts-internet")
    warehouse = e.ci(
        "dwh-nodes", "cluster", "Warehouse nodes 数据仓库节点", "data", needs={"members": "75%"},
        cluster_type="GaussDB DWS", mode="active_active", environment="production",
    )  # fmt: skip
    lake = e.ci(
        "bda-nodes", "cluster", "Big data cluster", "data", needs={"members": "67%"},
        cluster_type="Hadoop", mode="quorum", environment="production",
    )  # fmt: skip
    for site in CENTERS:
        for number in range(1, 9):
            e.join(f"{site}-bda-{number}", "member_of", lake)
        for number in range(1, 7):
            e.join(f"{site}-dwh-{number}", "member_of", warehouse)
    e.join("app-dwh", "depends_on", warehouse)
    e.join("app-rsk", "uses", lake)
    e.join("app-afd", "uses", lake)


def _services(e: Estate) -> None:
    for code, name, department, hard, alternatives, need in SERVICES:
        critical = any(app.tier == 1 and app.code in hard.split() for app in APPLICATIONS)
        key = e.ci(
            f"svc-{code}", "business_service", name, "service-management",
            needs={"channels": need} if alternatives else None, environment="production",
            business_unit=DEPARTMENTS[department], criticality=CRITICALITY[1 if critical else 2],
            service_hours="24x7" if critical else "Mo-Fr 08:00-18:00",
            availability_target=99.95 if critical else 99.5, recovery_time_objective=60,
        )  # fmt: skip
        e.join(key, "owned_by", f"org-{department}")
        e.join(key, "supported_by", "team-service-desk")
        e.join(key, "depends_on", *(f"app-{one}" for one in hard.split()))
        e.join(key, "depends_on", *(f"app-{one}" for one in alternatives.split()), group="channels")


def _contracts(e: Estate) -> None:
    for code, vendor in (("huawei", "Huawei"), ("h3c", "H3C"), ("lenovo", "Lenovo"),
                         ("inspur", "Inspur")):  # fmt: skip
        key = e.ci(
            f"con-{code}", "contract", f"{vendor} hardware maintenance", "service-management",
            contract_number=f"JH-2025-{code.upper()}", supplier=vendor, kind="maintenance",
            start_date="2025-01-01", end_date="2027-12-31", currency="CNY", response_time=240,
        )  # fmt: skip
        for ci in list(e.cis.values()):
            covered = ci["type"] in ("server", "hypervisor", "storage", "router")
            if covered and ci["attributes"].get("vendor") == vendor:
                e.join(ci["key"], "covered_by", key)
    for code, name in (("telecom", "China Telecom"), ("unicom", "China Unicom")):
        key = e.ci(
            f"con-{code}", "contract", f"{name} lines", "service-management", supplier=name,
            kind="carrier", start_date="2024-07-01", end_date="2027-06-30", currency="CNY",
        )  # fmt: skip
        for ci in list(e.cis.values()):
            if ci["type"] == "circuit" and ci["attributes"]["provider"] == name:
                e.join(ci["key"], "covered_by", key)
