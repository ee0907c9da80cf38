"""`cmdb types`: what can exist, and how it may be joined."""

from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.types_view import ci_type_parts, relation_table, relation_type_parts, tree
from api.cli.words import say
from cmdb.errors import UnknownField, UnknownName, UnreadableInput
from cmdb.schema.declarations import declaration_to_dict
from cmdb.schema.model import Catalog
from cmdb.services.catalog import get_catalog, put_declarations
from discovery import documents

LISTS = ("ci_types", "relation_types")


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Show all of one type.")
    ] = None,
    relations: Annotated[
        bool, typer.Option("--relations", help="Relation types instead of CI types.")
    ] = False,
    form: session.FormOption = session.Form.table,
    add: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="First add or replace the declarations in a JSON or YAML file:"
            ' {"ci_types": [...], "relation_types": [...]}.',
        ),
    ] = None,
    store: session.StoreOption = None,
) -> int:
    """Show the types of configuration items and relations, or add some."""
    with session.environment(store) as env:
        if add is not None:
            declared = _declarations(add)
            count = put_declarations(session.actor(), env, *declared)
            output.note(say("added {count} declarations", count=count))
        catalog = get_catalog(session.actor(), env)
    if add is not None and name is None and not relations and form is session.Form.table:
        return 0
    if form is session.Form.json:
        output.put_json(_data(catalog, name, relations), indent=True)
    elif name is None:
        output.put_rich(relation_table(catalog) if relations else tree(catalog))
    elif _is_relation(catalog, name, relations):
        output.put_rich(*relation_type_parts(catalog.relation_types[name]))
    else:
        output.put_rich(*ci_type_parts(catalog, name))
    return 0


def _declarations(file: str) -> tuple[list[Any], list[Any]]:
    document = documents.load(file)
    if not isinstance(document, dict):
        detail = say("it must be an object with the lists 'ci_types' and 'relation_types'")
        raise UnreadableInput(place=file, detail=detail)
    for field in document:
        if field not in LISTS:
            raise UnknownField(place=file, kind="field", name=field, known=LISTS)
    lists = tuple(document.get(field) or [] for field in LISTS)
    for field, value in zip(LISTS, lists, strict=True):
        if not isinstance(value, list):
            raise UnreadableInput(place=file, detail=say("'{field}' must be a list", field=field))
    return lists[0], lists[1]


def _is_relation(catalog: Catalog, name: str, relations: bool) -> bool:
    """Whether the name is that of a relation type; UnknownName when nobody declared it."""
    if name in catalog.ci_types and not relations:
        return False
    if name in catalog.relation_types:
        return True
    kind = "relation type" if relations else "type"
    known = [*(() if relations else catalog.ci_types), *catalog.relation_types]
    raise UnknownName(place="NAME", kind=kind, name=name, known=known)


def _data(catalog: Catalog, name: str | None, relations: bool) -> dict[str, Any]:
    """The declarations, in the form that `--add` reads; of one type with what it inherits."""
    if name is None:
        types: dict[str, Any] = {
            "relation_types": [declaration_to_dict(t) for t in catalog.relation_types.values()]
        }
        if relations:
            return types
        return {"ci_types": [declaration_to_dict(t) for t in catalog.ci_types.values()], **types}
    if _is_relation(catalog, name, relations):
        return declaration_to_dict(catalog.relation_types[name])
    inherited = [
        {**attribute, "declared_by": ancestor}
        for ancestor in catalog.ancestors[name][1:]
        for attribute in declaration_to_dict(catalog.ci_types[ancestor])["attributes"]
    ]
    return {**declaration_to_dict(catalog.ci_types[name]), "inherited": inherited}
