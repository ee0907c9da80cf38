"""The application portfolio and the services of the bank, as tables."""

from typing import NamedTuple


class Application(NamedTuple):
    """One application: tier 1 runs in both data centres, tier 3 on virtual machines only."""

    code: str
    name: str
    tier: int
    home: str
    team: str
    database: str
    needs: str = ""  # codes of applications it depends on
    uses: str = ""  # codes of applications it works less well without


DC1, DC2 = "sh-dc1", "hf-dc2"
APPLICATIONS = (
    Application("cbs", "Core Banking 核心银行系统", 1, DC1, "core", "Oracle", "", "esb"),
    Application("esb", "Enterprise Service Bus", 1, DC1, "middleware", "Oracle"),
    Application("sso", "Single Sign-On", 1, DC1, "security", "MySQL"),
    Application("pay", "Payments Hub", 1, DC1, "core", "GaussDB", "cbs esb", "afd"),
    Application("cnp", "CNAPS Gateway 大小额支付前置", 1, DC1, "core", "Oracle", "pay"),
    Application("dcs", "Debit Card and ATM Switch", 1, DC1, "core", "Oracle", "cbs", "afd"),
    Application("ccs", "Credit Card System", 1, DC1, "core", "Oracle", "esb", "afd"),
    Application("ibk", "Internet Banking", 1, DC1, "channels", "OceanBase", "esb sso", "cbs pay"),
    Application(
        "mbk", "Mobile Banking 手机银行", 1, DC1, "channels", "OceanBase", "esb sso", "cbs pay"
    ),
    Application("ctr", "Branch Counter", 1, DC1, "channels", "Oracle", "cbs esb sso", "img"),
    Application(
        "cib", "Corporate Internet Banking", 2, DC1, "channels", "Oracle", "esb sso", "cbs"
    ),
    Application("los", "Loan Origination", 2, DC1, "core", "GaussDB", "cbs", "img crm"),
    Application("lms", "Loan Servicing", 2, DC1, "core", "GaussDB", "cbs"),
    Application("tsy", "Treasury", 2, DC2, "core", "Oracle", "", "cbs rsk"),
    Application("tfs", "Trade Finance", 2, DC2, "core", "Oracle", "cbs", "img"),
    Application("wms", "Wealth Management", 2, DC1, "core", "MySQL", "cbs"),
    Application("gl", "General Ledger", 2, DC1, "core", "Oracle", "", "cbs"),
    Application(
        "aml", "Anti-Money Laundering 反洗钱", 2, DC2, "management", "GaussDB", "dwh", "cbs"
    ),
    Application("afd", "Anti-Fraud", 2, DC1, "security", "MySQL", "", "dwh"),
    Application("dwh", "Data Warehouse", 2, DC2, "data", "GaussDB DWS", "", "cbs"),
    Application("meb", "Month-end Batch 月终批处理", 2, DC1, "batch", "Oracle", "cbs gl", "dwh"),
    Application("ccc", "Call Centre", 2, DC2, "channels", "MySQL", "", "cbs crm"),
    Application("rpt", "Regulatory Reporting", 3, DC2, "management", "MySQL", "dwh gl"),
    Application("rsk", "Risk Management", 3, DC2, "management", "MySQL", "dwh"),
    Application("crm", "Customer Relationship Management", 3, DC2, "management", "MySQL", "sso"),
    Application("img", "Document Imaging", 3, DC1, "management", "PostgreSQL", ""),
    Application("oa", "OA 办公自动化", 3, DC2, "management", "Dameng", "sso", "eml"),
    Application("eml", "Mail", 3, DC2, "management", "PostgreSQL"),
    Application("hrm", "Human Resources", 3, DC2, "management", "Dameng", "sso"),
    Application("itm", "IT Service Management", 3, DC1, "management", "PostgreSQL", "", "eml"),
)

# key, name, department, applications it depends on, group of alternatives, how many it needs
SERVICES: tuple[tuple[str, str, str, str, str, int | str], ...] = (
    ("deposits", "Retail deposits 个人存款", "retail", "cbs", "ctr ibk mbk", 1),
    ("retail-payments", "Retail payments", "retail", "pay", "ibk mbk dcs", 2),
    ("corporate-payments", "Corporate payments", "corporate", "pay cnp", "cib ctr", 1),
    ("clearing", "Interbank clearing", "operations", "cnp cbs", "", 1),
    ("atm", "ATM withdrawals", "retail", "dcs", "", 1),
    ("credit-cards", "Credit cards", "cards", "ccs", "mbk ccc", 1),
    ("card-acceptance", "Card acceptance", "cards", "ccs dcs", "", 1),
    ("internet-banking", "Internet banking", "retail", "ibk", "", 1),
    ("mobile-banking", "Mobile banking", "retail", "mbk", "", 1),
    ("corporate-banking", "Corporate online banking", "corporate", "cib", "", 1),
    ("counter", "Branch counter service 柜面服务", "operations", "ctr", "", 1),
    ("customer-channels", "Customer channels", "retail", "", "ctr ibk mbk ccc", "50%"),
    ("personal-loans", "Personal loans", "retail", "lms", "los mbk", 1),
    ("corporate-loans", "Corporate loans", "corporate", "los lms", "", 1),
    ("trade-finance", "Trade finance", "corporate", "tfs", "", 1),
    ("treasury-dealing", "Treasury dealing", "markets", "tsy", "", 1),
    ("wealth", "Wealth management", "retail", "wms", "mbk ctr", 1),
    ("closing", "Month-end closing 月终结账", "finance", "meb gl", "", 1),
    ("reporting", "Regulatory reporting", "finance", "rpt", "", 1),
    ("compliance", "Compliance monitoring", "risk", "aml", "", 1),
    ("risk-control", "Risk control", "risk", "rsk afd", "", 1),
    ("contact-centre", "Contact centre", "retail", "ccc", "", 1),
    ("office", "Office work", "it", "oa eml", "", 1),
    ("personnel", "Personnel administration", "hr", "hrm", "", 1),
)
