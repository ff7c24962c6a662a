"""Which hooks a plugin answers, read from its source: to list plugins, nothing of them is imported."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec

from dpn import hookspecs

HOOKS = tuple(name for name, function in vars(hookspecs).items() if hasattr(function, "dpn_spec"))
"""All hooks, in the order in which they are specified."""


def hooks(value: str) -> tuple[str, ...]:
    """Give the hooks that the module of an entry point (`module` or `module:object`) answers, as far as it shows them.

    They are shown by functions marked with `hookimpl`, and by hooks that are imported from elsewhere. Empty, too, for
    a module that is not there, is not written in Python or cannot be read.
    """
    try:
        tree = ast.parse(_source(value.partition(":")[0].strip()))
    except (SyntaxError, ValueError, ImportError, OSError):  # whatever is wrong, `dpn plugins check` says it
        return ()
    found = set(_answered(tree))
    return tuple(name for name in HOOKS if name in found)


def _answered(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            if any("hookimpl" in ast.unparse(mark) for mark in node.decorator_list):
                yield node.name
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)


def _source(module: str) -> str:
    path: Sequence[str] | None = None
    spec: ModuleSpec | None = None
    parts = module.split(".")
    for length in range(1, len(parts) + 1):  # importlib.util.find_spec would import the parents
        spec = _spec(".".join(parts[:length]), path)
        path = spec.submodule_search_locations if spec else []
    source = getattr(spec and spec.loader, "get_source", lambda _: None)(module)
    return source or ""


def _spec(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    found = (finder.find_spec(name, path) for finder in sys.meta_path)
    return next((spec for spec in found if spec), None)
