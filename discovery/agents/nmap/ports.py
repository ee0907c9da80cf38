"""The ports that the profiles look at: our own choice, what a bank's servers and devices listen on.

Which of them are never touched is for the scope to say.
"""

FEW = frozenset({22, 23, 80, 443, 445, 3389})
"""For fragile networks: how machines are managed, and little else."""

DISCOVERY = (443, 80, 22, 3389, 445, 53)
"""Where a host is knocked at to learn whether it is there, best first."""

WEB = frozenset(
    {80, 81, 88, 443, 591, 631, 3000, 4443, 5000, 5001, 5601, 7001, 7002, 8000, 8001, 8006, 8008}
    | {8069, 8080, 8081, 8082, 8083, 8088, 8089, 8090, 8180, 8443, 8834, 8888, 9000, 9043, 9080}
    | {9090, 9091, 9093, 9443, 9990, 10000, 10443, 18080}
)
REMOTE = frozenset({22, 23, 2222, 3389, 5900, 5901, 5985, 5986})
FILES_AND_MAIL = frozenset(
    {21, 25, 110, 111, 139, 143, 445, 465, 548, 587, 873, 990, 993, 995, 2049, 3260}
)
NAMES_AND_LOGINS = frozenset({49, 53, 88, 135, 389, 464, 636, 749, 3268, 3269})
DATABASES = frozenset(
    {1433, 1434, 1521, 1522, 2483, 3050, 3306, 3307, 4333, 5236, 5432, 5433, 5984, 6379, 6380}
    | {7474, 7687, 8086, 8123, 8529, 9042, 9200, 11210, 26379, 27017, 27018, 28015}
    | {30015, 33060, 50000, 54321}
)
MESSAGES_AND_CACHES = frozenset(
    {1414, 1883, 2181, 4222, 4369, 5222, 5671, 5672, 5701, 6650, 8883, 9092, 9876, 10911, 11211}
    | {15672, 25672, 61613, 61616}
)
PLATFORMS = frozenset(
    {179, 830, 902, 1099, 2375, 2376, 2379, 2380, 3128, 4646, 5044, 5060, 5061, 6443, 8009, 8200}
    | {8300, 8472, 8500, 8600, 9001, 9100, 9300, 10050, 10051, 10250, 10255, 10256, 16509, 50070}
    | {60000, 60010}
)
DEVICES = frozenset({102, 502, 515, 554, 623, 1720, 1723, 2000, 4786, 8291, 20000, 37777, 44818})

INVENTORY = (
    REMOTE
    | FILES_AND_MAIL
    | frozenset(
        {
            53,
            80,
            88,
            135,
            389,
            443,
            554,
            631,
            636,
            902,
            1433,
            1521,
            1883,
            2181,
            2379,
            3128,
            3306,
            5060,
        }
        | {5432, 5601, 5672, 6379, 6443, 7001, 7687, 8000, 8006, 8080, 8081, 8443, 8888, 9000, 9042}
        | {9090, 9092, 9100, 9200, 10050, 10250, 11211, 15672, 27017, 50000}
    )
)
SERVICES = INVENTORY.union(
    WEB, NAMES_AND_LOGINS, DATABASES, MESSAGES_AND_CACHES, PLATFORMS, DEVICES
)
DEEP = SERVICES | frozenset(range(1, 1025)) | frozenset(range(8000, 8100))

DEEP_UDP = frozenset({53, 123, 137, 161})


def spans(ports: frozenset[int]) -> str:
    """Ports as nmap takes them: `22,80,9100-9107`."""
    found: list[list[int]] = []
    for port in sorted(ports):
        if found and port == found[-1][1] + 1:
            found[-1][1] = port
        else:
            found.append([port, port])
    return ",".join(f"{low}" if low == high else f"{low}-{high}" for low, high in found)
