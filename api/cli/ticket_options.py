"""What the commands on tickets share: who acts, the answer, and values as people write them."""

import inspect
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import orjson
import typer

from api.cli import output, session
from api.cli.words import language, say, wrong
from cmdb.services import users
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ticketing.values import ITEM_ROLES, LINK_ROLES
from cmdb.services.ticketing.viewing import view_ticket
from cmdb.tickets.process import FormField
from cmdb.tickets.ticket import Ticket

AsOption = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="USER",
        help="Act as this user, with the user's roles. Whoever opens the store by this command may"
        " do everything anyway, so it keeps nobody out.",
    ),
]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Number of the ticket.")]
FieldOption = Annotated[
    list[str] | None,
    typer.Option(
        "--field",
        metavar="NAME=VALUE",
        help="A field; several. Numbers, true, false and lists as JSON has them; empty: none.",
    ),
]
ItemOption = Annotated[
    list[str] | None,
    typer.Option("--item", metavar="KEY[=ROLE]", help="A CI it concerns, in a role; several."),
]
LinkOption = Annotated[
    list[str] | None,
    typer.Option("--link", metavar="NUMBER[=ROLE]", help="A ticket it has to do with; several."),
]
TYPED = ("number", "flag")
"""Types of field whose values are not texts."""


@dataclass(frozen=True, slots=True)
class Call:
    """A command on tickets: who acts, in which store, and in which form it is answered."""

    actor: Actor
    env: Environment
    form: session.Form

    @property
    def json(self) -> bool:
        """Whether the answer is for programs."""
        return self.form is session.Form.json


Function = TypeVar("Function", bound=Callable[..., Ticket | None])


def acting(env: Environment, user: str | None) -> Actor:
    """Who acts: whoever runs the command, as administrator, or a user with the user's roles."""
    if user is None:
        return session.actor()
    known = users.one(env, user)
    if not known.active:
        raise wrong("--as", "the user is not active")
    return Actor(f"{user} (command line)", frozenset(known.roles), known.scope, user=user)


def fields_of(fields: Iterable[FormField], texts: Iterable[str] | None) -> dict[str, Any]:
    """The values of fields, each of the type that its field has; None empties one."""
    declared = {one.name: one for one in fields}
    made = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise wrong("--field", "write NAME=VALUE")
        made[name] = value_of(declared.get(name), value)
    return made


def value_of(field: FormField | None, text: str) -> Any:
    """What a text says for a field; text that does not fit stays, for the core to refuse."""
    if not text:
        return None
    if field is None or (field.type not in TYPED and not field.many):
        return text
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = text
    if field.many:
        return value if isinstance(value, list) else [text]
    return text if isinstance(value, dict | list) else value


def items_of(texts: Iterable[str] | None) -> list[dict[str, str | None]]:
    """CIs with their roles."""
    pairs = (_with_role(text, ITEM_ROLES) for text in texts or ())
    return [{"key": key, "role": role} for key, role in pairs]


def links_of(texts: Iterable[str] | None) -> list[dict[str, str | None]]:
    """Tickets with their roles."""
    pairs = (_with_role(text, LINK_ROLES) for text in texts or ())
    return [{"number": number, "role": role} for number, role in pairs]


def _with_role(text: str, roles: Collection[str]) -> tuple[str, str | None]:
    """What stands before the last `=`, and the role after it; keys may hold `=` themselves."""
    name, _, role = text.rpartition("=")
    return (name, role) if name and role in roles else (text, None)


def shown(call: Call, ticket: Ticket) -> dict[str, Any]:
    """A ticket in the user's language."""
    return view_ticket(call.actor, call.env, ticket, "zh" if language().startswith("zh") else "en")


def command(group: typer.Typer, name: str | None = None) -> Callable[[Function], Function]:
    """Make a command that also takes --as, --format and --store of a function of a Call.

    A ticket that the function gives is told as it stands then.
    """

    def declare(function: Function) -> Function:
        def run(
            *,
            user: AsOption = None,
            form: session.FormOption = session.Form.table,
            store: session.StoreOption = None,
            **own: Any,
        ) -> int:
            with session.environment(store) as env:
                call = Call(acting(env, user), env, form)
                ticket = function(call, **own)
                if ticket is not None:
                    _tell(call, ticket)
            return 0

        own = [*inspect.signature(function).parameters.values()][1:]
        common = [*inspect.signature(run).parameters.values()][:-1]
        run.__signature__ = inspect.Signature([*own, *common])  # type: ignore[attr-defined]
        run.__doc__ = function.__doc__
        group.command(name or function.__name__)(run)
        return function

    return declare


def _tell(call: Call, ticket: Ticket) -> None:
    """Tell how a ticket stands after something was done with it."""
    view = shown(call, ticket)
    if call.json:
        output.put_json(view)
    else:
        output.note(say("{number}: {state}", number=view["number"], state=view["state_label"]))
