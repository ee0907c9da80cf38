"""Installed and listening software, and certificates."""

from datetime import timedelta

from cmdb.schema.attributes import Attribute
from cmdb.schema.catalog._shared import VENDOR, VERSION
from cmdb.schema.declarations import CIType, Identifier

LISTENING = Identifier("listener", ("port",), 2, "Port it listens on, on its host.", within=True)
INSTANCE = Identifier(
    "instance", ("instance",), 3, "Name of the instance on its host.", within=True
)
PROTOCOL = Attribute("protocol", "string", "Protocol, such as tcp or https.")
PORT = Attribute("port", "integer", "Port it listens on.", minimum=0, maximum=65535)

CI_TYPES = (
    CIType(
        "software",
        "Software",
        "软件",
        "Software installed or running somewhere.",
        parent="ci",
        freshness=timedelta(days=30),
        attributes=(
            VENDOR,
            VERSION,
            Attribute("product", "string", "Name of the product."),
            Attribute("edition", "string", "Edition, such as Enterprise."),
            Attribute(
                "cpes",
                "string",
                "CPE names, for matching vulnerabilities.",
                many=True,
                combine="union",
            ),
            Attribute("install_path", "string", "Where it is installed."),
            Attribute("install_date", "date", "Day it was installed."),
            Attribute("license_key", "string", "Reference to the license, never a secret."),
            Attribute("end_of_support", "date", "Last day the maker supports this version."),
        ),
    ),
    CIType(
        "operating_system",
        "Operating system",
        "操作系统",
        "An operating system as installed on a machine.",
        parent="software",
        identifiers=(
            Identifier("system", ("product",), 4, "Operating system of its host.", within=True),
        ),
        attributes=(
            Attribute("kernel", "string", "Kernel version."),
            Attribute("architecture", "string", "Instruction set, such as x86_64."),
            Attribute("patch_date", "date", "Day it was last patched."),
        ),
    ),
    CIType(
        "database",
        "Database",
        "数据库",
        "A database or an instance of a database system.",
        parent="software",
        identifiers=(LISTENING, INSTANCE),
        attributes=(
            Attribute("instance", "string", "Name of the instance."),
            PORT,
            Attribute("size", "number", "Size of its data.", unit="GiB", minimum=0),
            Attribute("character_set", "string", "Such as UTF-8 or GB18030."),
            Attribute(
                "role",
                "string",
                "Role in a replicated set.",
                choices=("primary", "replica", "standby", "arbiter", "standalone"),
            ),
            Attribute("connection", "string", "How to reach it, without password."),
            Attribute("active", "boolean", "Whether it is in operation."),
            Attribute("backed_up", "boolean", "Whether it is backed up."),
            Attribute("last_backup", "date", "Day it was last backed up."),
            Attribute("creation_date", "date", "Day it was made."),
        ),
    ),
    CIType(
        "middleware",
        "Middleware",
        "中间件",
        "Software between applications: message queue, application server, cache, gateway.",
        parent="software",
        identifiers=(LISTENING, INSTANCE),
        attributes=(
            PORT,
            Attribute("instance", "string", "Name of the instance, domain or queue manager."),
            Attribute("kind", "string", "Such as message queue, cache or application server."),
        ),
    ),
    CIType(
        "web_server",
        "Web server",
        "Web 服务器",
        "Software that answers HTTP requests.",
        parent="software",
        identifiers=(LISTENING,),
        attributes=(PORT, Attribute("urls", "url", "Addresses it serves.", many=True)),
    ),
    CIType(
        "software_service",
        "Software service",
        "软件服务",
        "Something that listens, such as a daemon found on a port.",
        parent="software",
        identifiers=(LISTENING,),
        attributes=(
            PORT,
            PROTOCOL,
            Attribute("bind_address", "ip", "Address it listens on."),
            Attribute("banner", "string", "What it says of itself."),
            Attribute("process", "string", "Process that listens."),
        ),
    ),
    CIType(
        "software_package",
        "Software package",
        "软件包",
        "An installed package, library or program.",
        parent="software",
        identifiers=(
            Identifier(
                "package",
                ("product", "architecture"),
                4,
                "Installed product and architecture on its host.",
                within=True,
            ),
        ),
        attributes=(
            Attribute("package_manager", "string", "Such as rpm, deb, msi or pip."),
            Attribute("architecture", "string", "Instruction set it was built for."),
            Attribute("size", "number", "Installed size.", unit="MiB", minimum=0),
            Attribute("category", "string", "Category, as its maker or packager names it."),
            Attribute("versions", "string", "All versions installed side by side.", many=True),
        ),
    ),
    CIType(
        "certificate",
        "Certificate",
        "数字证书",
        "An X.509 certificate in use.",
        parent="software",
        identifiers=(Identifier("certificate", ("fingerprint",), 1, "SHA-256 fingerprint."),),
        attributes=(
            Attribute("subject", "string", "Distinguished name of its holder."),
            Attribute("issuer", "string", "Distinguished name of the authority."),
            Attribute("subject_alternative_names", "string", "Names it holds for.", many=True),
            Attribute("not_before", "datetime", "Start of validity."),
            Attribute("not_after", "datetime", "End of validity."),
            Attribute(
                "fingerprint", "string", "SHA-256 fingerprint, in hexadecimal.", form="digits"
            ),
            Attribute("certificate_serial", "string", "Serial number within the issuer."),
            Attribute("key_algorithm", "string", "Such as RSA or SM2."),
            Attribute("key_size", "integer", "Length of its key.", unit="bit", minimum=0),
        ),
    ),
)
