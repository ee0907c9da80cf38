"""Contracts, documents, and things nobody has understood yet."""

from datetime import timedelta

from cmdb.schema.attributes import Attribute
from cmdb.schema.catalog._shared import NETWORK_IDENTITY, NETWORKED, SERIAL
from cmdb.schema.declarations import CIType

CI_TYPES = (
    CIType(
        "contract",
        "Contract",
        "合同",
        "A contract for maintenance, lease, license or supply.",
        parent="ci",
        freshness=timedelta(days=365),
        attributes=(
            Attribute("contract_number", "string", "Number of the contract."),
            Attribute("supplier", "string", "The other party."),
            Attribute("kind", "string", "Such as maintenance, lease, license or carrier."),
            Attribute("start_date", "date", "First day."),
            Attribute("end_date", "date", "Last day."),
            Attribute("notice_period", "integer", "Time to give notice.", unit="d", minimum=0),
            Attribute("cost_per_year", "number", "Yearly cost, in `currency`.", minimum=0),
            Attribute("currency", "string", "Currency, as ISO 4217."),
            Attribute("support_phone", "string", "Number to call in case of trouble."),
            Attribute("response_time", "integer", "Agreed response.", unit="min", minimum=0),
        ),
    ),
    CIType(
        "document",
        "Document",
        "文档",
        "A document that belongs to a configuration item: runbook, diagram, plan.",
        parent="ci",
        freshness=timedelta(days=365),
        attributes=(
            Attribute("url", "url", "Where it is kept."),
            Attribute("author", "string", "Who wrote it."),
            Attribute("version", "string", "Its version."),
            Attribute("review_date", "date", "Day it must be reviewed next."),
            Attribute("media_type", "string", "Such as application/pdf."),
            Attribute("language", "string", "Language it is written in."),
        ),
    ),
    CIType(
        "unclassified",
        "Unclassified item",
        "未分类项",
        "Something that was seen but is not yet understood.",
        parent="ci",
        freshness=timedelta(days=14),
        identifiers=(SERIAL, *NETWORK_IDENTITY),
        attributes=(
            *NETWORKED,
            Attribute("vendor", "string", "Maker, as far as it can be told.", form="vendor"),
            Attribute("model", "string", "Model, as far as it can be told."),
            Attribute(
                "serial_number",
                "string",
                "Serial number, as far as it can be told.",
                form="serial",
            ),
            Attribute("sys_object_id", "string", "SNMP sysObjectID."),
            Attribute("evidence", "string", "What was seen.", many=True),
            Attribute("guess", "string", "What it may be."),
        ),
    ),
)
