"""Applications and services: what the business sees."""

from datetime import timedelta

from cmdb.schema.attributes import Attribute
from cmdb.schema.catalog._shared import SERVICE_LEVELS, VENDOR, VERSION
from cmdb.schema.declarations import CIType

FRESHNESS = timedelta(days=180)

CI_TYPES = (
    CIType(
        "application",
        "Application",
        "应用系统",
        "A business application as its users know it.",
        parent="ci",
        freshness=FRESHNESS,
        attributes=(
            VENDOR,
            VERSION,
            *SERVICE_LEVELS,
            Attribute("code", "string", "Short code of the application."),
            Attribute("url", "url", "Address it is used at."),
            Attribute("repository", "url", "Where its source is kept."),
            Attribute("language", "string", "Main programming language or platform."),
            Attribute(
                "data_classification",
                "string",
                "Most sensitive class of its data.",
                choices=("public", "internal", "confidential", "secret"),
            ),
            Attribute(
                "protection_level",
                "integer",
                "Level of classified protection (MLPS, 等级保护).",
                minimum=1,
                maximum=5,
            ),
            Attribute("batch_window", "string", "When its batch jobs run, such as 22:00-04:00."),
            Attribute("go_live_date", "date", "Day it was put into production."),
        ),
    ),
    CIType(
        "service",
        "Service",
        "服务",
        "A service that IT delivers.",
        parent="ci",
        freshness=FRESHNESS,
        attributes=(
            *SERVICE_LEVELS,
            Attribute("service_level", "string", "Name of the service level agreement."),
            Attribute("support_hours", "string", "When its support can be reached."),
            Attribute("url", "url", "Entry in the service portal."),
        ),
    ),
    CIType(
        "technical_service",
        "Technical service",
        "技术服务",
        "A service that IT uses itself, such as name resolution or virtualization.",
        parent="service",
    ),
    CIType(
        "business_service",
        "Business service",
        "业务服务",
        "A service that the business or its customers use.",
        parent="service",
        attributes=(
            Attribute("business_unit", "string", "Department that offers it."),
            Attribute("customers", "string", "Who uses it."),
            Attribute("revenue_per_hour", "number", "Loss per hour of outage.", "CNY/h", (), 0),
        ),
    ),
)
