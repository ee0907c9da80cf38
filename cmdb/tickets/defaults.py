"""The processes that every installation begins with: the declarations in the folder `processes`."""

from functools import cache
from importlib.resources import files

import yaml

from cmdb.errors import CMDBError, InvalidInput
from cmdb.tickets.forms import COMMON_FIELDS, form_errors
from cmdb.tickets.process import Process, faults, read_process

ROLES = frozenset(
    {
        *("requester", "service_desk", "fulfiller", "change_manager", "cab_member"),
        *("problem_manager", "administrator", "system"),
    }
)
"""Who takes part in processes; `system` is what happens by itself."""

CLOCKS = ("respond", "resolve")
"""The clocks of service levels (ITIL: response and resolution target)."""

EFFECTS = frozenset(
    {
        *("assess_impact", "drop_maintenance", "inform_children", "notify_approvers"),
        *(
            "notify_requester",
            "notify_review",
            "notify_team",
            "open_tasks",
            "plan_maintenance",
            "prioritise",
        ),
        *("publish_known_error", "record_baseline", "survey", "update_versions"),
        *("verify_problem",),
    }
)
"""The automatic steps that a process may name."""

NEEDS = {
    "plan_maintenance": ("starts", "ends"),
    "publish_known_error": ("root_cause", "workaround"),
}
"""Fields that a step with such an effect must require."""


@cache
def default_processes() -> dict[str, Process]:
    """The declared processes by kind."""
    folder = files("cmdb.tickets") / "processes"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml"):
            process = read_process(yaml.safe_load(file.read_text(encoding="utf-8")))
            found[process.kind] = process
    return found


def wrong_in(process: Process) -> list[CMDBError]:
    """Everything that is wrong with a process, by the roles, effects and clocks that there are."""
    found = faults(process, ROLES, EFFECTS, CLOCKS)
    fields = (*COMMON_FIELDS, *process.fields)
    for step in process.steps:
        place = f"process {process.kind}, step '{step.name}'"
        known = {name: step.sets[name] for name in step.sets if name in {f.name for f in fields}}
        found += form_errors(fields, known, place)
        for effect in step.effects:
            for name in sorted(set(NEEDS.get(effect, ())) - set(step.requires)):
                detail = f"the effect '{effect}' needs the field '{name}'; require it"
                found.append(InvalidInput(place=place, detail=detail))
    return found
