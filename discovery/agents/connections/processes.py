"""What processes are, by their names: data."""

DATABASES = frozenset(
    {"postgres", "postmaster", "mysqld", "mariadbd", "oracle", "tnslsnr", "sqlservr", "mongod"}
    | {"db2sysc", "clickhouse-server", "cassandra", "influxd", "etcd", "slapd", "dmserver"}
    | {"gaussdb", "observer", "kingbase"}
)
WEB_SERVERS = frozenset(
    {"nginx", "apache2", "httpd", "caddy", "lighttpd", "h2o", "openresty", "tengine", "w3wp"}
)
MIDDLEWARE = frozenset(
    {"redis-server", "valkey-server", "memcached", "rabbitmq-server", "beam.smp", "haproxy"}
    | {"envoy", "traefik", "mosquitto", "nats-server", "activemq", "varnishd"}
)

RUNTIMES = frozenset(
    {"java", "javaw", "node", "python", "python3", "perl", "ruby", "php", "dotnet", "mono"}
    | {"svchost", "system", "sh", "bash"}
)
"""Processes of one of these names may be different programs."""

TOOLS = frozenset(
    {"ssh", "sshd", "scp", "sftp", "rsync", "curl", "wget", "telnet", "nc", "ncat", "netcat", "git"}
    | {"apt", "apt-get", "http", "https", "dnf", "yum", "pip", "npm", "nmap", "ping", "dig"}
    | {"firefox", "firefox-esr", "chrome", "chromium", "msedge", "iexplore", "mstsc", "putty"}
    | {"dbclient", "dropbear", "lftp", "ftp", "psql", "mysql", "redis-cli", "mongosh", "sqlplus"}
    | {"glpi-agent", "snmpget", "snmpwalk"}
)
"""What people start by hand, or scans: what it connects to is no dependency."""

CLIENT_PORTS = frozenset({68, 546})
"""UDP ports at which clients wait for answers: DHCP."""


def type_of(process: str | None) -> str:
    """The CI type of what listens."""
    name = plain(process)
    if name in DATABASES:
        return "database"
    if name in WEB_SERVERS:
        return "web_server"
    return "middleware" if name in MIDDLEWARE else "software_service"


def is_runtime(process: str) -> bool:
    """Whether the name does not tell one program from another."""
    name = plain(process)
    return name in RUNTIMES or name.rstrip("0123456789.") in RUNTIMES


def is_tool(process: str | None) -> bool:
    """Whether the process is something that people start by hand."""
    return plain(process) in TOOLS


def plain(process: str | None) -> str:
    """The name without suffix, in small letters."""
    return (process or "").lower().removesuffix(".exe")
