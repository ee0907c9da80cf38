"""`cmdb check`: what is wrong in the model."""

from collections import Counter
from dataclasses import asdict

from api.cli import output, session
from api.cli.words import say, told
from cmdb.reports.model_check import Finding
from cmdb.services.reports import check


def command(
    form: session.FormOption = session.Form.table, store: session.StoreOption = None
) -> int:
    """Look for faults, self-relations, orphans, stale and duplicate CIs; exit code 1 if any."""
    with session.environment(store) as env:
        findings = check(session.actor(), env)
    if form is session.Form.json:
        output.put_json({"findings": [asdict(finding) for finding in findings]})
    else:
        _show(findings)
    return 1 if findings else 0


def _show(findings: list[Finding]) -> None:
    from rich.text import Text

    if not findings:
        output.put(f"{say('nothing found')}\n")
        return
    rows = [(one.check, one.key, one.type, told(one.detail)) for one in findings]
    counts = Counter(one.check for one in findings)
    parts = ", ".join(f"{name} {count}" for name, count in counts.items())
    total = say("{count} found", count=len(findings))
    table = output.table(("check", "key", "type", "detail"), rows)
    output.put_rich(table, Text(f"{total}: {parts}"))
