"""Names: from values and patterns to names that the cloud accepts. Pure: nothing here reads a file or calls anyone."""

from dpn.naming.collisions import collisions
from dpn.naming.doubt import Doubts
from dpn.naming.render import Named, Namer
from dpn.naming.rule import check, nearest
from dpn.naming.show import Row, rows, validate
from dpn.naming.values import Origin, Value, default_environment

__all__ = [
    "Doubts", "Named", "Namer", "Origin", "Row", "Value", "check", "collisions", "default_environment", "nearest",
    "rows", "validate",
]  # fmt: skip
