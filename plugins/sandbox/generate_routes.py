"""Write src/dpn_sandbox/databricks/routes.json: paths, queries and bodies of the operations that the sandbox knows.

`python plugins/sandbox/generate_routes.py` writes it, `--check` says whether it is fresh. Needs databricks-sdk; the
server needs the file only. What the file holds:

    routes    one a row: operation (API class without `API`, dot, method), HTTP method, path, query, body
    query     the parameters by name, with their types; `required` names those that must be there
    body      null (none is taken), or fields with their types, and the required ones
    messages  the fields of each nested message, which is named by module and class: catalog.ColumnInfo
    enums     the values of each enum, named likewise

A type is string, integer, number, boolean, any, a message or an enum; `[]` behind it makes a list, `{}` a map from
strings.
"""

# ruff: noqa: INP001 - a script and no package; what it reads is the SDK

from __future__ import annotations

import argparse
import ast
import dataclasses
import enum
import importlib
import inspect
import json
import sys
import textwrap
import typing
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

TARGET = Path(__file__).parent / "src" / "dpn_sandbox" / "databricks" / "routes.json"
OPERATIONS = """
catalog Catalogs create delete get list update
catalog Schemas create delete get list update
catalog Tables create delete exists get list list_summaries update
catalog Volumes create delete list read update
catalog Grants get get_effective update
catalog Metastores current summary
catalog EntityTagAssignments create delete get list update
compute Clusters create delete edit events get list permanent_delete pin restart start unpin
compute InstancePools create delete edit get list
compute ClusterPolicies create delete edit get list
jobs Jobs create delete get list reset update
sql Warehouses create delete edit get list start stop
sql StatementExecution cancel_execution execute_statement get_statement
pipelines Pipelines create delete get list_pipelines stop update
workspace Secrets create_scope delete_scope list_scopes put_secret delete_secret list_secrets put_acl delete_acl
workspace Secrets get_acl list_acls
iam CurrentUser me
"""
# What the REST API takes and the SDK's method does not: the token makes a repeated create find the first cluster.
REST_ONLY = {"Clusters.create": {"idempotency_token": "string"}}
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", Any: "any", dict: "any"}
_PROTO = {"Timestamp": "string", "Duration": "string", "FieldMask": "string"}  # their JSON form


class Reader:
    """Reads operations, and gathers the messages and enums that they name."""

    def __init__(self) -> None:
        """Begin with nothing gathered."""
        self.messages: dict[str, Any] = {}
        self.enums: dict[str, list[str]] = {}

    def type(self, hint: Any) -> str:
        """Give a type's name in the file."""
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Union:
            return self.type(next(argument for argument in arguments if argument is not type(None)))
        if origin is list:
            return f"{self.type(arguments[0])}[]"
        if origin is dict:
            return f"{self.type(arguments[1])}{{}}"
        if hint in _PLAIN or hint.__name__ in _PROTO:
            return _PLAIN.get(hint) or _PROTO[hint.__name__]
        return self._named(hint)

    def _named(self, cls: Any) -> str:
        name = f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}"
        if issubclass(cls, enum.Enum):
            self.enums[name] = [member.value for member in cls]
        elif name not in self.messages:
            self.messages[name] = {}  # a message may hold itself
            self.messages[name] = self.message(cls)
        return name

    def message(self, cls: Any) -> dict[str, Any]:
        """Give the fields of a dataclass under the names that they have on the wire."""
        hints = typing.get_type_hints(cls)
        needed = {item.name for item in dataclasses.fields(cls) if item.default is dataclasses.MISSING}
        # In as_dict stands for each field: body["name_on_the_wire"] = self.field
        wire = {
            key: node.attr
            for key, value in assigned(parsed(cls.as_dict), "body")
            for node in ast.walk(value)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
        }
        fields = {key: self.type(hints[field]) for key, field in wire.items()}
        return shape(fields, [key for key, field in wire.items() if field in needed])

    def operation(self, module: ModuleType, api: str, method: str) -> dict[str, Any]:
        """Give one row: what the method hands to `self._api.do`."""
        function = getattr(getattr(module, f"{api}API"), method)
        hints = typing.get_type_hints(function)
        needed = {
            name
            for name, parameter in inspect.signature(function).parameters.items()
            if parameter.default is parameter.empty
        }
        code = parsed(function)
        verb, path, has_body = request(code)
        query = self._parameters(code, "query", hints, needed)
        body = self._body(code, hints, needed) if has_body else None
        name = f"{api}.{method}"
        if body and name in REST_ONLY:
            body["fields"] |= REST_ONLY[name]
        parameters = shape(query, sorted(needed & set(query)))
        return {"operation": name, "method": verb, "path": path, "query": parameters, "body": body}

    def _body(self, code: ast.AST, hints: dict[str, Any], needed: set[str]) -> dict[str, Any]:
        for node in ast.walk(code):  # body = thing.as_dict(): the message itself is the body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "body":
                called = node.value
                if isinstance(called, ast.Call) and isinstance(called.func, ast.Attribute):
                    return self.message(hints[ast.unparse(called.func.value)])
        fields = self._parameters(code, "body", hints, needed)
        return shape(fields, sorted(needed & set(fields)))

    def _parameters(self, code: ast.AST, into: str, hints: dict[str, Any], needed: set[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for key, value in assigned(code, into):
            names = [node.id for node in ast.walk(value) if isinstance(node, ast.Name) and node.id in hints]
            if names:  # else it is the token of the next page, or a default of the SDK
                found[key] = self.type(hints[names[0]])
                if names[0] in needed:
                    needed.add(key)
        return found


def shape(fields: dict[str, str], required: list[str]) -> dict[str, Any]:
    """Give fields with their types, and those that must be there."""
    return {"fields": fields, "required": required}


def parsed(function: Any) -> ast.AST:
    """Give the syntax tree of a function."""
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def assigned(code: ast.AST, into: str) -> Iterator[tuple[str, ast.expr]]:
    """Give key and value of each `into["key"] = value`."""
    for node in ast.walk(code):
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if (
            isinstance(node, ast.Assign)
            and isinstance(target, ast.Subscript)
            and isinstance(target.slice, ast.Constant)
            and ast.unparse(target.value) == into
        ):
            yield str(target.slice.value), node.value


def request(code: ast.AST) -> tuple[str, str, bool]:
    """Give method and path of the one call of `self._api.do`, and whether it has a body."""
    calls = [node for node in ast.walk(code) if isinstance(node, ast.Call) and ast.unparse(node.func) == "self._api.do"]
    call = calls[0]
    verb = ast.literal_eval(call.args[0])
    given = call.args[1]
    parts = given.values if isinstance(given, ast.JoinedStr) else [given]
    path = "".join(
        f"{{{ast.unparse(part.value)}}}" if isinstance(part, ast.FormattedValue) else text(part) for part in parts
    )
    return verb, path, any(keyword.arg == "body" for keyword in call.keywords)


def text(part: ast.expr) -> str:
    """Give a constant piece of a path."""
    return str(ast.literal_eval(part))


def content() -> str:
    """Give the whole file: a row a line, so that a newer SDK shows as what it changed."""
    reader, routes = Reader(), []
    for line in OPERATIONS.strip().splitlines():
        module, api, *methods = line.split()
        service = importlib.import_module(f"databricks.sdk.service.{module}")
        routes += [reader.operation(service, api, method) for method in methods]
    rows = ",\n".join(f"  {json.dumps(route)}" for route in routes)
    named = {
        part: ",\n".join(f"  {json.dumps(name)}: {json.dumps(values[name])}" for name in sorted(values))
        for part, values in (("messages", reader.messages), ("enums", reader.enums))
    }
    sections = [f'"routes": [\n{rows}\n]', *(f'"{part}": {{\n{lines}\n}}' for part, lines in named.items())]
    return "{\n" + ",\n".join(sections) + "\n}\n"


def main() -> int:
    """Write the file, or say whether it is fresh."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; the exit code is 1 when it is not fresh")
    if not parser.parse_args().check:
        TARGET.write_text(content(), "utf-8")
        return 0
    if TARGET.read_text("utf-8") == content():
        return 0
    sys.stderr.write(f"{TARGET} is not what the installed SDK says: python {' '.join(sys.argv[:1])}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
