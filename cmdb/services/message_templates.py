"""Templates of messages: those that are declared, and the words by which they are overridden."""

from collections.abc import Mapping
from typing import Any

from cmdb.identity.changes import Change, Document
from cmdb.messages.templates import Template, default_templates, read_override, template_named
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt
from cmdb.services.versioned import commit_documents, expect, version_of

KIND = "message_template"


def template_in_force(env: Environment, name: str) -> Template:
    """A template with the words that are in force; UnknownName."""
    known = env.store.document(KIND, name)
    template = template_named(name)
    return template if known is None else template.overridden(known.body)


@authorised(Permission.ADMINISTER, everywhere=True)
def list_templates(actor: Actor, env: Environment) -> list[dict[str, Any]]:
    """All templates by name, with the words in force and whether they are overridden."""
    return [get_template(actor, env, name) for name in default_templates()]


@authorised(Permission.ADMINISTER, everywhere=True)
def get_template(actor: Actor, env: Environment, name: str) -> dict[str, Any]:
    """One template, with its version; UnknownName."""
    template = template_named(name, "path")
    known = env.store.document(KIND, name)
    if known is not None:
        template = template.overridden(known.body)
    own = sorted(known.body) if known is not None else []
    return {**template.model_dump(mode="json"), "overridden": own, "version": _version(known)}


@authorised(Permission.ADMINISTER, everywhere=True)
def override_template(
    actor: Actor,
    env: Environment,
    name: str,
    values: Mapping[str, Any],
    receipt: Receipt | None = None,
    expected: str | None = None,
) -> dict[str, Any]:
    """Let other words stand for those of a template, as `{language: {subject, text}}`.

    Rejected with everything that is wrong; `expected` is the version the caller knows.
    """
    read = read_override(name, values)
    before = env.store.document(KIND, name)
    expect("message template", name, _version(before), expected)
    after = Document(KIND, name, read)
    if after != before:
        reason = f"changed message template {name}"
        commit_documents(env, actor, [Change(before, after)], reason, receipt)
    return get_template(actor, env, name)


@authorised(Permission.ADMINISTER, everywhere=True)
def reset_template(
    actor: Actor,
    env: Environment,
    name: str,
    receipt: Receipt | None = None,
    expected: str | None = None,
) -> None:
    """Let a template say again what it says as declared."""
    template_named(name, "path")
    before = env.store.document(KIND, name)
    expect("message template", name, _version(before), expected)
    if before is not None:
        reason = f"reset message template {name}"
        commit_documents(env, actor, [Change(before, None)], reason, receipt)


def _version(document: Document | None) -> str:
    """Changes with the words; that of the declared ones is always the same."""
    body = {} if document is None else document.body
    return version_of(body)
