"""`cmdb discover`: jobs, their runs, and what they log in with."""

import typer

from api.cli import (
    discovery_credentials,
    discovery_jobs,
    discovery_proposals,
    discovery_replay,
    discovery_runs,
    output,
    session,
)
from api.cli.words import say
from api.discovery import agent_content
from discovery import jobs

group = typer.Typer(help="Scan networks and ask other systems, now or by schedule.")
group.add_typer(discovery_jobs.group, name="job")
group.add_typer(discovery_credentials.group, name="credential")
group.command("run")(discovery_runs.run)
group.command("runs")(discovery_runs.list_runs)
group.command("show")(discovery_runs.show)
group.command("cancel")(discovery_runs.cancel)
group.command("replay")(discovery_replay.replay)
group.command("proposals")(discovery_proposals.proposals)
group.command("confirm")(discovery_proposals.confirm)
group.command("key")(discovery_credentials.key)


@group.command()
def agents(form: session.FormOption = session.Form.table) -> int:
    """Show the agents, and what they can do."""
    found = jobs.list_agents(session.actor())
    if form is session.Form.json:
        output.put_json({"agents": [agent_content(name, one) for name, one in found.items()]})
    else:
        rows = [
            (name, one.title, say(one.targets), ", ".join(one.profiles))
            for name, one in found.items()
        ]
        output.put_rich(output.table(("agent", "title", "targets", "profiles"), rows))
    return 0
