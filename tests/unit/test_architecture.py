"""The rules of the house, held by tests."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import cmdb.services
from cmdb.services.actor import Actor

ROOT = Path(__file__).parents[2]
PACKAGES = ("cmdb", "discovery", "api")


def sources(suffix=".py"):
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob(f"*{suffix}"))]


def test_imports_go_one_way():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_service_takes_an_actor_and_asks_for_a_permission():
    unguarded = []
    for module_info in pkgutil.iter_modules(cmdb.services.__path__):
        module = importlib.import_module(f"cmdb.services.{module_info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            first = next(iter(inspect.signature(function).parameters.values()), None)
            takes_actor = first is not None and first.annotation is Actor
            if takes_actor and first.name == "actor" and not hasattr(function, "permission"):
                unguarded.append(f"{module.__name__}.{name}")
    helpers = {"cmdb.services.items.sees", "cmdb.services.items.visible_types"}
    assert set(unguarded) - helpers == {"cmdb.services.receipts.earlier_commit"}


def test_sql_and_cypher_only_in_stores():
    query = re.compile(r"\b(SELECT .* FROM|INSERT INTO|MATCH \(|MERGE \()")
    outside = [p for p in sources() if "stores" not in p.parts and query.search(p.read_text())]
    assert outside == []


def test_files_fit_in_a_head():
    long = {
        str(p.relative_to(ROOT)): n
        for p in sources(".py*")
        if p.suffix in (".py", ".pyx") and (n := len(p.read_text().splitlines())) > 330
    }
    assert long == {}


def test_functions_fit_on_a_screen():
    long = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                length = node.end_lineno - node.lineno
                if length > 70:
                    long.append(f"{path.relative_to(ROOT)}:{node.name} {length}")
    assert long == []


def test_compiled_functions_fit_on_a_screen():
    long = []
    for path in sources(".pyx"):
        lines = path.read_text().splitlines()
        starts = [
            i for i, line in enumerate(lines) if re.match(r" *(def|cpdef|cdef) [^=]*\(", line)
        ]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            if end - start > 80:
                long.append(f"{path.relative_to(ROOT)}:{start + 1} {end - start}")
    assert long == []


def test_every_compiled_module_says_its_types():
    missing = [
        path.name
        for path in sources(".pyx")
        if not path.with_suffix(".pyi").exists() and not path.with_suffix(".pxd").exists()
    ]
    assert missing == []
