"""OpenAPI: every route is described, and the page that shows it needs nothing from outside."""

import re

import pytest

from api.http.models import (
    baselines,
    criticality,
    decisions,
    discovery,
    external_systems,
    glpi,
    impact,
    items,
    maintenance,
    notifications,
    observations,
    provenance,
    questions,
    relations,
    root_cause,
    sources,
    ticket_configuration,
    ticket_forms,
    ticket_imports,
    tickets,
    types,
    users,
)
from tests.api.conftest import V1

FILES = f"{V1}/tickets/{{number}}/attachments/{{id}}"
"""What is given there is the bytes of a file."""

VERSIONED = ("/steps/{step}", "/votes")
"""What is posted there changes what is there, and takes its version."""

METHODS = {"get", "post", "put", "patch", "delete"}
QUESTIONS = (
    f"{V1}/impact",
    f"{V1}/impact/scenarios",
    f"{V1}/criticality",
    f"{V1}/root-cause",
)
"""Their POST writes nothing."""

ALERTS = f"{V1}/alerts/{{source}}"
"""Alerts that are sent again change nothing, whatever key they have."""

AGENT = f"{V1}/discovery/glpi"
"""What an agent sends has no headers of ours, and its login is Basic."""

EVENTS = f"{V1}/external-systems/{{name}}/events"
"""What other systems send is signed, and its `webhook-id` tells repetitions."""


@pytest.fixture
def schema(client):
    got = client.get("/openapi.json")
    assert got.status_code == 200
    return got.json()


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


def test_it_hangs_together(schema):
    assert schema["openapi"].startswith("3.1")
    for reference in references(schema):
        node = schema
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
    operations = [op for path in schema["paths"].values() for op in path.values()]
    assert len({op["operationId"] for op in operations}) == len(operations)
    for name, path in schema["paths"].items():
        assert set(path) <= METHODS
        for op in path.values():
            given = {p["name"] for p in op.get("parameters", []) if p["in"] == "path"}
            assert given == set(re.findall(r"{(\w+)}", name))


def test_every_route_is_described(schema):
    assert len(schema["paths"]) == 105
    for name, path in schema["paths"].items():
        for method, op in path.items():
            where = (method, name)
            assert op["summary"], where
            assert op["description"], where
            assert op["tags"], where
            for parameter in op.get("parameters", []):
                assert parameter.get("description"), (where, parameter["name"])
            good = [s for s in op["responses"] if s < "300"]
            for status in good:
                if status != "204" and name != FILES:
                    shown = op["responses"][status]["content"]["application/json"]["schema"]
                    assert "$ref" in shown, where
            if not name.startswith(V1):
                assert "security" not in op
                continue
            if name == EVENTS:
                assert "security" not in op
                continue
            basic = [{"HTTPBasic": []}] if name == AGENT else []
            assert op["security"] == [{"HTTPBearer": []}, *basic]
            bad = {s: r for s, r in op["responses"].items() if s >= "400"}
            wanted = {"401", "403", "422", "500", "503"}
            if "{" in name and method != "put":
                wanted.add("404")
            if method in ("post", "put", "patch"):
                wanted |= {"400", "413", "415"}
            assert wanted <= set(bad), where
            for response in bad.values():
                assert list(response["content"]) == ["application/problem+json"]
                shown = response["content"]["application/problem+json"]["schema"]
                assert shown == {"$ref": "#/components/schemas/Problem"}


def test_writes_take_keys_and_versions(schema):
    for name, path in schema["paths"].items():
        for method, op in path.items():
            headers = {p["name"] for p in op.get("parameters", []) if p["in"] == "header"}
            if name in (*QUESTIONS, AGENT, EVENTS, ALERTS) or not name.startswith(V1):
                continue
            assert ("Idempotency-Key" in headers) == (method != "get"), name
            versioned = method in ("put", "patch", "delete") or name.endswith(
                ("/steps/{step}", "/votes")
            )
            assert ("If-Match" in headers) == versioned, name
            assert ("If-None-Match" in headers) == (method == "get" and "{" in name), name


def test_every_field_is_described(schema):
    for name, component in schema["components"]["schemas"].items():
        assert component.get("description") or component.get("title"), name
        if name == "HiddenCI":
            continue
        for field, shown in component.get("properties", {}).items():
            described = shown.get("description") or "$ref" in shown
            assert described, (name, field)


def test_the_examples_are_valid():
    for model in (
        items.CIForm,
        items.CIChange,
        items.CIRow,
        items.CI,
        relations.RelationForm,
        relations.RelationChange,
        relations.RelationRow,
        types.TypeForm,
        types.RelationTypeForm,
        questions.ImpactForm,
        questions.ScenariosForm,
        impact.ImpactAnswer,
        impact.ScenariosAnswer,
        maintenance.WindowForm,
        maintenance.WindowChange,
        maintenance.VersionedWindow,
        observations.ItemObservation,
        observations.RelationObservation,
        observations.ObservationBatch,
        observations.ObservationAnswer,
        glpi.AgentAnswer,
        decisions.ReviewRow,
        decisions.Review,
        decisions.DecisionForm,
        decisions.DecisionRow,
        ticket_configuration.SettingForm,
        ticket_configuration.SettingSchema,
        ticket_configuration.SettingRow,
        users.UserForm,
        users.UserChange,
        users.UserRow,
        sources.SourceForm,
        sources.SourceRow,
        sources.PrecedenceForm,
        sources.PrecedenceRow,
        sources.Settled,
        provenance.ExplanationAnswer,
        provenance.RunRow,
        criticality.Ranking,
        criticality.CutsForm,
        criticality.Cuts,
        notifications.NotificationRow,
        notifications.WebhookForm,
        notifications.WebhookRow,
        notifications.DeclaredWebhook,
        notifications.MessageWords,
        notifications.TemplateForm,
        notifications.TemplateRow,
        root_cause.RootCauseForm,
        root_cause.RootCauseAnswer,
        root_cause.AccuracyRow,
        discovery.AgentRow,
        discovery.JobForm,
        discovery.JobRow,
        discovery.Plan,
        discovery.DiscoveryRunRow,
        discovery.DiscoveryRun,
        discovery.CredentialForm,
        discovery.CredentialRow,
        external_systems.SystemForm,
        external_systems.SystemRow,
        external_systems.DeclaredSystem,
        external_systems.EventAnswer,
        external_systems.UnmatchedRow,
        external_systems.TiedAnswer,
        ticket_imports.ImportForm,
        ticket_imports.ImportAnswer,
        baselines.BaselineForm,
        baselines.BaselineRow,
        ticket_forms.TicketForm,
        ticket_forms.TicketChange,
        ticket_forms.StepForm,
        ticket_forms.NoteForm,
        ticket_forms.VoteForm,
        ticket_forms.TaskForm,
        ticket_forms.TaskChange,
        ticket_forms.RatingForm,
        tickets.TicketRow,
        tickets.FoundTicket,
        tickets.TimelineRow,
        ticket_forms.ConversionForm,
        ticket_forms.AnswersForm,
        ticket_forms.ChildrenForm,
    ):
        examples = model.model_json_schema()["examples"]
        assert examples
        for example in examples:
            model.model_validate(example)


def test_the_page_loads_nothing_from_outside(client):
    page = client.get("/docs")
    assert page.status_code == 200
    assert not re.findall(r"(?:https?:)?//[\w.-]+\.\w+", page.text)
    assert '"validatorUrl": "none"' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "http" not in policy
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 3
    for path in loaded:
        got = client.get(path)
        assert got.status_code == 200
        assert len(got.content) > 500
    assert client.get("/redoc").status_code == 404


def test_the_start_page(client):
    got = client.get("/", follow_redirects=False)
    assert got.status_code == 307
    assert got.headers["Location"] == "/docs"
