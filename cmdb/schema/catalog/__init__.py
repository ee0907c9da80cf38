"""The built-in catalog: declarations only, one module a domain.

A module of this package says `CI_TYPES`, `RELATION_TYPES` or both; nothing lists the modules, so a
new type is one declaration in one file. Modules whose name starts with '_' hold shared parts.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from cmdb.schema.declarations import CIType, RelationType
from cmdb.schema.model import Catalog


@cache
def builtin_catalog() -> Catalog:
    """The catalog of all declarations found in this package."""
    ci_types: list[CIType] = []
    relation_types: list[RelationType] = []
    for name in sorted(found.name for found in iter_modules(__path__)):
        if not name.startswith("_"):
            module = import_module(f"{__name__}.{name}")
            ci_types += getattr(module, "CI_TYPES", ())
            relation_types += getattr(module, "RELATION_TYPES", ())
    return Catalog(ci_types, relation_types)
