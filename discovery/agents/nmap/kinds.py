"""What a service or a device is, by what nmap calls it: rules as data, the first that fits counts.

Services are named by nmap's name and product; a kind says more of middleware.
"""

import re

from discovery.agents.nmap.hosts import Port

WEB_SERVER, DATABASE, MIDDLEWARE = "web_server", "database", "middleware"
SERVICE = "software_service"

SERVICES = (
    (r"mysqlx?|mariadb|postgres\w*|pgsql|ms-sql\S*|oracle-tns|oracle tns|mongod\w*", DATABASE, ""),
    (r"redis|valkey|couchdb|cassandra|ibm-db2|db2|drda|firebird|informix|sybase", DATABASE, ""),
    (r"clickhouse|influxdb|neo4j|bolt|elasticsearch|opensearch|rethinkdb|arangodb", DATABASE, ""),
    (r"hana|dameng|kingbase\w*|oceanbase|gaussdb|opengauss|gbase|tidb|hbase", DATABASE, ""),
    (r"amqp|rabbitmq|activemq|mqtt|mosquitto|kafka|nats|stomp", MIDDLEWARE, "message queue"),
    (r"rocketmq|pulsar|websphere mq|ibm mq|ibm-mqseries", MIDDLEWARE, "message queue"),
    (r"memcached?|hazelcast", MIDDLEWARE, "cache"),
    (r"zookeeper|etcd\w*|consul", MIDDLEWARE, "coordination"),
    (r"tomcat|coyote|jboss|wildfly|glassfish|ajp13", MIDDLEWARE, "application server"),
    (r"weblogic|websphere|tongweb|bes application server", MIDDLEWARE, "application server"),
    (r"haproxy|envoy|traefik|squid|varnish|http-proxy|socks\d?", MIDDLEWARE, "proxy"),
    (r"https?(?:-\w+)?|nginx|httpd|lighttpd|caddy", WEB_SERVER, ""),
)
RULES = tuple(
    (re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE), type_name, kind)
    for words, type_name, kind in SERVICES
)

DEVICES = {
    "bridge": "network_device",
    "broadband router": "router",
    "firewall": "firewall",
    "hub": "network_device",
    "load balancer": "load_balancer",
    "media device": "device",
    "PBX": "device",
    "print server": "printer",
    "printer": "printer",
    "remote management": "device",
    "router": "router",
    "storage-misc": "storage",
    "switch": "switch",
    "telecom-misc": "device",
    "VoIP adapter": "device",
    "VoIP phone": "phone",
    "WAP": "access_point",
    "webcam": "camera",
}
"""What nmap calls a device by what one of its services says of itself → CI type."""


def service_type(port: Port) -> tuple[str, str]:
    """The CI type of what listens on a port, and its kind; a number alone proves no product."""
    if port.probed:
        said = f"{port.name} {port.product}"
        for rule, type_name, kind in RULES:
            if rule.search(said):
                return type_name, kind
    return SERVICE, ""


def device_type(ports: list[Port]) -> str:
    """The CI type of a host, where its services agree on what it is."""
    said = {DEVICES[port.device] for port in ports if port.device in DEVICES}
    return said.pop() if len(said) == 1 else "unclassified"
