"""Fixes for the Glue Data Catalog; their table and their reasons are in `overlay`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from dpn_sandbox.aws import backends, pages
from dpn_sandbox.aws.answers import error
from dpn_sandbox.aws.calls import Call, json_body
from dpn_sandbox.wire import Reply, Request

Go = Callable[[Request], Reply]

_CATALOGUE = re.compile(r"Database|Table|Partition")
# The pattern of names in the service's model: no control characters but the tab, no surrogates.
_NAME = re.compile(r"[\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff\t]+")
_DATABASE_ARN = re.compile(r"arn:[^:]+:glue:[^:]+:\d+:database/(.+)")
_PAGE = 100
_NAME_BYTES = 255
_TAGS, _TAG_KEY, _TAG_VALUE = 50, 128, 256


def fold_names(call: Call, request: Request, go: Go) -> Reply:
    """Fold the names of databases and tables to lower case, wherever a request has them."""
    body = json_body(request)
    if _CATALOGUE.search(call.operation):
        for key in ("Name", "DatabaseName", "TableName"):
            _fold(body, key)
        for part in ("DatabaseInput", "TableInput"):
            if isinstance(body.get(part), dict):
                _fold(body[part], "Name")
        if isinstance(body.get("TablesToDelete"), list):
            body["TablesToDelete"] = [str(name).lower() for name in body["TablesToDelete"]]
    elif _DATABASE_ARN.fullmatch(str(body.get("ResourceArn", ""))):
        _fold(body, "ResourceArn")
    return go(request.with_body(json.dumps(body).encode()) if body else request)


def check_name(call: Call, request: Request, go: Go) -> Reply:
    """Refuse a name that is blank, longer than 255 bytes or has control characters."""
    body = json_body(request)
    part = body.get("DatabaseInput" if "Database" in call.operation else "TableInput")
    name = str(part.get("Name", "")) if isinstance(part, dict) else ""
    if not name.strip() or len(name.encode(errors="replace")) > _NAME_BYTES or not _NAME.fullmatch(name):
        return _invalid(f"Name {name[:_NAME_BYTES]!r} must have 1 to 255 bytes and no control characters")
    return go(request)


def check_tags(call: Call, request: Request, go: Go) -> Reply:
    """Refuse more than 50 tags on one database, keys over 128 and values over 256 characters, and `aws:` keys."""
    body = json_body(request)
    tags = {**_tags_there(call, body), **(body.get("Tags") or body.get("TagsToAdd") or {})}
    if len(tags) > _TAGS:
        return _invalid(f"{len(tags)} tags, but a resource can have {_TAGS}")
    for key, value in tags.items():
        if not 1 <= len(key) <= _TAG_KEY or len(value) > _TAG_VALUE or key.lower().startswith("aws:"):
            return _invalid(f"Tag {key[:_TAG_KEY]!r} is not valid")
    return go(request)


def check_tagged(call: Call, request: Request, go: Go) -> Reply:
    """Refuse to look at or change the tags of a database that does not exist."""
    found = _DATABASE_ARN.fullmatch(str(json_body(request).get("ResourceArn", "")))
    if found and backends.database_of(call.region, found[1]) is None:
        return error("glue", 400, "EntityNotFoundException", f"Database {found[1]} not found.")
    return go(request)


def check_columns(call: Call, request: Request, go: Go) -> Reply:
    """Refuse two columns of one name, partition keys included; case does not tell names apart."""
    del call
    given = json_body(request).get("TableInput")
    table: Mapping[str, Any] = given if isinstance(given, dict) else {}
    columns = [*((table.get("StorageDescriptor") or {}).get("Columns") or ()), *(table.get("PartitionKeys") or ())]
    names = [str(column.get("Name", "")).lower() for column in columns]
    for name in sorted(set(names)):
        if names.count(name) > 1:
            return _invalid(f"Duplicate column name {name}")
    return go(request)


def check_version(call: Call, request: Request, go: Go) -> Reply:
    """Refuse an update against a version that is not the current one."""
    body = json_body(request)
    wanted = body.get("VersionId")
    name = str((body.get("TableInput") or {}).get("Name", ""))
    table = backends.table_of(call.region, str(body.get("DatabaseName", "")), name)
    if wanted is None or table is None:
        return go(request)
    current = table.as_dict()["VersionId"]
    if wanted == current:
        return go(request)
    text = f"Update table failed due to concurrent modifications: version {wanted} was given, {current} is current."
    return error("glue", 400, "ConcurrentModificationException", text)


def drop_tags(call: Call, request: Request, go: Go) -> Reply:
    """Forget the tags of a deleted database."""
    reply = go(request)
    if reply.done:
        arn = backends.database_arn(call.region, str(json_body(request).get("Name", "")))
        backends.glue(call.region).tagger.delete_all_tags_for_resource(arn)
    return reply


def page(call: Call, request: Request, go: Go) -> Reply:
    """Give databases and tables by name, at most 100 at a time, with a token for the rest."""
    asked = json_body(request)
    size = asked.get("MaxResults", _PAGE)
    try:
        after = pages.after(asked.get("NextToken") or "")
    except ValueError:
        return _invalid("Invalid pagination token")
    if not isinstance(size, int) or not 1 <= size <= _PAGE:
        return _invalid(f"MaxResults must be between 1 and {_PAGE}")
    reply = go(request)
    if not reply.done:
        return reply
    key = "DatabaseList" if call.operation == "GetDatabases" else "TableList"
    rows = sorted((row for row in json.loads(reply.body)[key] if row["Name"] > after), key=lambda row: str(row["Name"]))
    answer: dict[str, Any] = {key: rows[:size]}
    if len(rows) > size:
        answer["NextToken"] = pages.token(rows[size - 1]["Name"])
    return reply.with_body(json.dumps(answer).encode())


def _tags_there(call: Call, body: Mapping[str, Any]) -> dict[str, str]:
    arn = str(body.get("ResourceArn", ""))
    return backends.glue(call.region).get_tags(arn) if arn else {}


def _fold(holder: dict[str, Any], key: str) -> None:
    if isinstance(holder.get(key), str):
        holder[key] = holder[key].lower()


def _invalid(text: str) -> Reply:
    return error("glue", 400, "InvalidInputException", text)
