"""Who works there: the teams of the IT department and the people in them."""

from typing import NamedTuple

SURNAMES = "Wang Li Zhang Liu Chen Yang Zhao Huang Zhou Wu Xu Sun Hu Zhu Gao Lin He Guo Ma Luo"
GIVEN = "Wei Fang Na Min Jing Qiang Lei Jun Yang Yong Yan Jie Tao Ming Chao Xiulan Xia Ping Gang"
TITLES = ("Team lead", "Senior engineer", "Engineer", "Engineer")


def person(number: int) -> str:
    """The name of the n-th person."""
    surnames, given = SURNAMES.split(), GIVEN.split()
    return f"{given[number * 7 % 19]} {surnames[(number + number // 380) % 20]}"


class Team(NamedTuple):
    """A team: its name, its lead and all its members."""

    name: str
    lead: str
    members: tuple[str, ...]


NAMES = {
    "facilities": "Data centre facilities",
    "network": "Network operations",
    "security": "Security operations",
    "platform": "Server and virtualization platform",
    "storage": "Storage and backup",
    "database": "Database administration",
    "middleware": "Middleware and integration",
    "core": "Application operations: core and payments",
    "channels": "Application operations: channels",
    "management": "Application operations: management systems",
    "batch": "Batch operations",
    "data": "Data platform",
    "desktop": "Desktop support",
    "service-desk": "服务台 Service desk",
    "service-management": "Service management",
}

TEAMS = {
    key: Team(name, person(4 * i), tuple(person(4 * i + j) for j in range(4)))
    for i, (key, name) in enumerate(NAMES.items())
}

DEPARTMENTS = {
    "it": "Information Technology Department",
    "retail": "Retail Banking Department",
    "corporate": "Corporate Banking Department",
    "cards": "Card Centre",
    "operations": "Operations Department",
    "risk": "Risk Management Department",
    "finance": "Finance Department",
    "markets": "Financial Markets Department",
    "hr": "Human Resources Department",
}
SUPPLIERS = {
    "telecom": "China Telecom",
    "unicom": "China Unicom",
    "huawei": "Huawei",
    "h3c": "H3C",
    "lenovo": "Lenovo",
    "inspur": "Inspur",
}
