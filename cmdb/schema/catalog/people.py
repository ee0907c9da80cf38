"""Organizations, teams and people."""

from datetime import timedelta

from cmdb.schema.attributes import Attribute
from cmdb.schema.declarations import CIType

FRESHNESS = timedelta(days=180)
EMAIL = Attribute("email", "string", "E-mail address.")
PHONE = Attribute("phone", "string", "Phone number.")

CI_TYPES = (
    CIType(
        "organization",
        "Organization",
        "组织",
        "A company, department, supplier or customer.",
        parent="ci",
        freshness=FRESHNESS,
        attributes=(
            EMAIL,
            PHONE,
            Attribute("code", "string", "Short code of the organization."),
            Attribute("kind", "string", "Such as department, supplier, carrier or customer."),
            Attribute("address", "string", "Postal address."),
            Attribute("website", "url", "Home page."),
        ),
    ),
    CIType(
        "team",
        "Team",
        "团队",
        "A group of people who share a task, such as a support group.",
        parent="ci",
        freshness=FRESHNESS,
        attributes=(
            EMAIL,
            PHONE,
            Attribute("lead", "string", "Who leads it."),
            Attribute("on_call", "string", "How to reach whoever is on call."),
            Attribute("working_hours", "string", "When it works, such as Mo-Fr 08-18."),
        ),
    ),
    CIType(
        "person",
        "Person",
        "人员",
        "A person who owns, supports or uses something.",
        parent="ci",
        freshness=FRESHNESS,
        attributes=(
            EMAIL,
            PHONE,
            Attribute("mobile", "string", "Mobile phone number."),
            Attribute("employee_id", "string", "Staff number."),
            Attribute("account", "string", "Account in the directory."),
            Attribute("title", "string", "Position."),
            Attribute("department", "string", "Department."),
        ),
    ),
)
