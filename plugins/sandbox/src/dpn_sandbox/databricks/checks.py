"""Refusals and checks that several services of the sandbox's Databricks share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from dpn_sandbox.databricks.workspace import ApiCall, ApiError

MAX_TAGS = 45


def invalid(message: str) -> ApiError:
    """Give the refusal of a value."""
    return ApiError(400, "INVALID_PARAMETER_VALUE", message)


def absent(message: str) -> ApiError:
    """Give the refusal to speak about what is not there."""
    return ApiError(404, "RESOURCE_DOES_NOT_EXIST", message)


def taken(message: str) -> ApiError:
    """Give the refusal of a name that another object has."""
    return ApiError(400, "RESOURCE_ALREADY_EXISTS", message)


def text(values: Mapping[str, Any], field: str) -> str:
    """Give a text that must be there and not empty."""
    value = values.get(field)
    if not isinstance(value, str) or not value:
        raise invalid(f"Missing required field: {field}")
    return value


def name_of(values: Mapping[str, Any], field: str, longest: int) -> str:
    """Give a name of 1 to `longest` characters."""
    name = text(values, field)
    if len(name) > longest:
        raise invalid(f"{field} must have at most {longest} characters, this one has {len(name)}")
    return name


def within(values: Mapping[str, Any], field: str, low: int, high: int, default: int) -> int:
    """Give a whole number from `low` to `high`; in a query it is text."""
    value = values.get(field)
    if value in (None, ""):
        return default
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise invalid(f"{field} must be a whole number, not {value!r}") from None
    if not low <= number <= high:
        raise invalid(f"{field} must be between {low} and {high}, not {number}")
    return number


def page_start(values: Mapping[str, Any]) -> int:
    """Give where the page begins that a token names."""
    token = values.get("page_token") or "0"
    if not (isinstance(token, str) and token.isascii() and token.isdigit()):
        raise invalid(f"Invalid page token: {token}")
    return int(token)


def page(
    items: Iterable[dict[str, Any]], key: str, call: ApiCall, *, most: int, size: int = 50, limit: str = "page_size"
) -> dict[str, Any]:
    """Give one page of a list, and the token of the next one; the query's `limit` asks for up to `most` rows of it.

    The first page of a list that has a second one is empty where the caller leaves the size to the server: real
    answers may be, and a client must go on until there is no token.
    """
    rows = list(items)
    asked = within(call.query, limit, 0, most, 0)
    start = page_start(call.query)
    if start == 0 and not asked and len(rows) > 1 and "page_token" not in call.query:
        return {"next_page_token": "0"}
    end = start + (asked or size)
    return {key: rows[start:end], **({"next_page_token": str(end)} if end < len(rows) else {})}


def choice(values: Mapping[str, Any], field: str, allowed: Iterable[str], default: str | None = None) -> str | None:
    """Give a word of a fixed list, or the default where there is none."""
    value = values.get(field)
    if value is None:
        return default
    if value not in (words := sorted(allowed)):
        raise invalid(f"{field} must be one of {', '.join(words)}, not {value!r}")
    return str(value)


def few_tags(tags: Mapping[str, Any] | None, most: int = MAX_TAGS, *, field: str = "custom_tags") -> None:
    """Refuse more tags than an object may have."""
    if tags and len(tags) > most:
        raise invalid(f"{field} may have at most {most} entries, these are {len(tags)}")


def duplicate(keys: Sequence[str]) -> str | None:
    """Give the first key that stands twice."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            return key
        seen.add(key)
    return None


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a copy of an object as replies show it: without what is the workspace's own."""
    return {key: deepcopy(value) for key, value in row.items() if not key.startswith("_")}
