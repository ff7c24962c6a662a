"""The commands that make a plan of a blueprint, or check one: what narrows or names must have its effect in each."""

from __future__ import annotations

COMMANDS = [
    ("validate", "-v"),
    ("plan",),
    ("plan", "--offline"),
    ("create", "--dry-run"),
    ("create", "--yes"),
    ("apply", "--yes"),
]
