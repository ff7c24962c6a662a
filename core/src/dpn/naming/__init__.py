"""Names: from values and patterns to names that the cloud accepts. Pure: nothing here reads a file or calls anyone."""

from dpn.naming.collisions import collisions
from dpn.naming.render import Named, Namer
from dpn.naming.rule import check, nearest
from dpn.naming.show import Row, general_rows, judged, rows, validate
from dpn.naming.values import Origin, Value, default_environment

__all__ = [
    "Named", "Namer", "Origin", "Row", "Value", "check", "collisions", "default_environment", "general_rows", "judged",
    "nearest", "rows", "validate",
]  # fmt: skip
