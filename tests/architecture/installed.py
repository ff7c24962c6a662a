"""Prove that the installed distributions of dpn find all that they import, also inside functions.

Run by `nox -s wheel` in an environment that holds wheels only: `python -I installed.py`. What is imported but not
declared is printed with its place, and the exit code is 1.
"""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

TESTING = "dpn/testing/"  # needs the extra `testing`


def imports(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Give each imported top-level name with its line; what only a type checker sees is left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import):
            yield from ((alias.name.partition(".")[0], child.lineno) for alias in child.names)
        if isinstance(child, ast.ImportFrom) and child.module and not child.level:
            yield child.module.partition(".")[0], child.lineno
        yield from imports(child)


def sources(dist: importlib.metadata.Distribution) -> Iterator[tuple[str, Path]]:
    """Give the modules of a distribution: path inside it, path on disk."""
    for file in dist.files or ():
        if file.suffix == ".py" and not str(file).startswith(TESTING):
            yield str(file), Path(str(file.locate()))


def missing(path: str, source: Path) -> Iterator[str]:
    """Name what a module imports and nobody installed."""
    for name, line in imports(ast.parse(source.read_text("utf-8"))):
        if importlib.util.find_spec(name) is None:
            yield f"{path}:{line}: imports {name}, which is not installed: declare it in pyproject.toml"


def main() -> int:
    """Check each distribution whose name begins with dpn."""
    dists = [dist for dist in importlib.metadata.distributions() if dist.name.split("-")[0] == "dpn"]
    modules = [module for dist in dists for module in sources(dist)]
    complaints = [line for path, source in modules for line in missing(path, source)]
    for path, _ in modules:
        name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        if not complaints and not name.endswith("__main__"):
            importlib.import_module(name)
    print("\n".join(complaints) or f"{len(modules)} modules of {', '.join(sorted(d.name for d in dists))} import")
    return 1 if complaints or not modules else 0


if __name__ == "__main__":
    sys.exit(main())
