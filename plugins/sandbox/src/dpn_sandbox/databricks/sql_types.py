"""Types and columns as a Delta table has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dpn_sandbox.databricks.sql_text import Cursor, SqlError
from dpn_sandbox.databricks.workspace import present

# Word -> (how Unity Catalog writes the type, its ColumnTypeName).
_PLAIN: Mapping[str, tuple[str, str]] = {
    "BIGINT": ("bigint", "LONG"),
    "LONG": ("bigint", "LONG"),
    "INT": ("int", "INT"),
    "INTEGER": ("int", "INT"),
    "SMALLINT": ("smallint", "SHORT"),
    "SHORT": ("smallint", "SHORT"),
    "TINYINT": ("tinyint", "BYTE"),
    "BYTE": ("tinyint", "BYTE"),
    "STRING": ("string", "STRING"),
    "BOOLEAN": ("boolean", "BOOLEAN"),
    "DOUBLE": ("double", "DOUBLE"),
    "FLOAT": ("float", "FLOAT"),
    "REAL": ("float", "FLOAT"),
    "DATE": ("date", "DATE"),
    "TIMESTAMP": ("timestamp", "TIMESTAMP"),
    "TIMESTAMP_NTZ": ("timestamp_ntz", "TIMESTAMP_NTZ"),
    "BINARY": ("binary", "BINARY"),
    "VARIANT": ("variant", "VARIANT"),
}
_DECIMALS = ("DECIMAL", "DEC", "NUMERIC")
_MOST_DIGITS = 38
_TEXTS = ("CHAR", "VARCHAR")


@dataclass(frozen=True, slots=True)
class DataType:
    """A type: its text, its ColumnTypeName, and a decimal's digits."""

    text: str
    name: str
    precision: int = 0
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """A column as a statement defines it."""

    name: str
    type: DataType
    nullable: bool = True
    comment: str | None = None

    def info(self, position: int) -> dict[str, Any]:
        """Give the column as Unity Catalog replies with it."""
        return {
            "name": self.name,
            "type_text": self.type.text,
            "type_name": self.type.name,
            "type_precision": self.type.precision,
            "type_scale": self.type.scale,
            "position": position,
            "nullable": self.nullable,
            **present({"comment": self.comment or None}),
        }


def data_type(cursor: Cursor) -> DataType:
    """Read a type; refuse one that Delta has not."""
    word = cursor.identifier().upper()
    if word in _PLAIN:
        return DataType(*_PLAIN[word])
    if word in _DECIMALS:
        return _decimal(cursor)
    if word in _TEXTS:
        cursor.expect("(")
        text = f"{word.lower()}({cursor.number()})"
        cursor.expect(")")
        return DataType(text, "CHAR" if word == "CHAR" else "STRING")
    if word in {"ARRAY", "MAP", "STRUCT"}:
        cursor.expect("<")
        inner = {"ARRAY": _array, "MAP": _map, "STRUCT": _struct}[word](cursor)
        cursor.expect(">")
        return DataType(f"{word.lower()}<{inner}>", word)
    if word == "INTERVAL":
        message = "Found columns using unsupported data types: [interval]."
        raise SqlError("DELTA_UNSUPPORTED_DATA_TYPES", "0AKDC", message)
    raise SqlError("UNSUPPORTED_DATATYPE", "0A000", f'Unsupported data type "{word}".')


def _decimal(cursor: Cursor) -> DataType:
    precision, scale = 10, 0
    if cursor.take("("):
        precision = cursor.number()
        scale = cursor.number() if cursor.take(",") else 0
        cursor.expect(")")
    if not (0 < precision <= _MOST_DIGITS and scale <= precision):
        message = f"Decimal precision {precision} and scale {scale} are out of range (at most {_MOST_DIGITS})."
        raise SqlError("DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "22003", message)
    return DataType(f"decimal({precision},{scale})", "DECIMAL", precision, scale)


def _array(cursor: Cursor) -> str:
    return data_type(cursor).text


def _map(cursor: Cursor) -> str:
    key = data_type(cursor).text
    cursor.expect(",")
    return f"{key},{data_type(cursor).text}"


def _struct(cursor: Cursor) -> str:
    fields = [_field(cursor)]
    while cursor.take(","):
        fields.append(_field(cursor))
    return ",".join(fields)


def _field(cursor: Cursor) -> str:
    name = cursor.identifier()
    cursor.take(":")
    text = data_type(cursor).text
    if cursor.take("NOT", "NULL"):
        text += " NOT NULL"
    if cursor.take("COMMENT"):
        cursor.string()
    return f"{name}:{text}"


def column(cursor: Cursor) -> Column:
    """Read a column: name, type, and in either order `NOT NULL` and a comment."""
    name, kind = cursor.identifier(), data_type(cursor)
    nullable, comment = True, None
    while True:
        if nullable and cursor.take("NOT", "NULL"):
            nullable = False
        elif comment is None and cursor.take("COMMENT"):
            comment = cursor.string()
        else:
            return Column(name, kind, nullable, comment)


def type_of(text: str) -> DataType:
    """Read a type that is all of a text."""
    cursor = Cursor(text)
    kind = data_type(cursor)
    cursor.end()
    return kind
