"""The text of a new plugin's files, by the sort of plugin: packages that work, to be changed from there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

_SUFFIX: Mapping[str, str] = MappingProxyType({"naming": "-naming", "provider": "", "policy": "-policy"})
SORTS = tuple(_SUFFIX)
GROUP: Mapping[str, str] = MappingProxyType({"naming": "naming", "provider": "providers", "policy": "extensions"})
"""The group of entry points of each sort."""

_LONGEST = 40
_MARK = re.compile(r"@([A-Z]+)@")


def distribution(sort: str, name: str) -> str:
    """Give the name of the package: `dpn-acme`, `dpn-acme-naming`, `dpn-acme-policy`."""
    return f"dpn-{name}{_SUFFIX[sort]}"


def misnamed(sort: str, name: str) -> str:
    """Say why a plugin cannot have this name; empty if it can. The name is what users will write."""
    if len(name) > _LONGEST:
        return f"it has {len(name)} characters, more than {_LONGEST}"
    if name.split("-", maxsplit=1)[0] == "dpn":
        return "the package is called dpn-NAME already, so leave dpn out"
    if sort == "provider" and not re.fullmatch("[a-z][a-z0-9]*", name):
        return (
            "it begins each kind of the provider (NAME_thing), so it is a small letter, then small letters and digits"
        )
    if not re.fullmatch("[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        return "it is words of small letters and digits, with single hyphens between, and begins with a letter"
    return ""


def texts(sort: str, name: str) -> dict[str, str]:
    """Give the text of each file by its path inside the new package's folder."""
    module = distribution(sort, name).replace("-", "_")
    values = {
        "CODE": name.upper(),
        "DIST": distribution(sort, name),
        "MODULE": module,
        "NAME": name,
        "TITLE": name.replace("-", " ").title(),
    }
    paths = {"module.py": f"src/{module}/__init__.py", "tests.py": f"tests/test_{name.replace('-', '_')}.py"}
    templates = files(__name__).joinpath(sort).iterdir()
    found = {one.name.removesuffix(".txt"): _filled(one.read_text("utf-8"), values) for one in templates}
    written = {paths.get(file, file): text for file, text in found.items()}
    return dict(sorted({**written, f"src/{module}/py.typed": ""}.items()))


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _MARK.sub(lambda mark: values[mark[1]], text)
