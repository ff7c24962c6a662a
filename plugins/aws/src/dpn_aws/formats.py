"""File formats of a Glue table: what each means as input format, output format and SerDe.

Source: https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html and the classes that Athena's own DDL sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_HIVE = "org.apache.hadoop.hive.ql.io"
_TEXT = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "OutputFormat": f"{_HIVE}.HiveIgnoreKeyTextOutputFormat",
}
FORMATS: Mapping[str, Mapping[str, Any]] = {
    "parquet": {
        "InputFormat": f"{_HIVE}.parquet.MapredParquetInputFormat",
        "OutputFormat": f"{_HIVE}.parquet.MapredParquetOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": f"{_HIVE}.parquet.serde.ParquetHiveSerDe",
            "Parameters": {"serialization.format": "1"},
        },
    },
    "orc": {
        "InputFormat": f"{_HIVE}.orc.OrcInputFormat",
        "OutputFormat": f"{_HIVE}.orc.OrcOutputFormat",
        "SerdeInfo": {"SerializationLibrary": f"{_HIVE}.orc.OrcSerde", "Parameters": {"serialization.format": "1"}},
    },
    "avro": {
        "InputFormat": f"{_HIVE}.avro.AvroContainerInputFormat",
        "OutputFormat": f"{_HIVE}.avro.AvroContainerOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
            "Parameters": {"serialization.format": "1"},
        },
    },
    "json": {
        **_TEXT,
        "SerdeInfo": {
            "SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
            "Parameters": {"serialization.format": "1"},
        },
    },
    "csv": {
        **_TEXT,
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"serialization.format": ",", "field.delim": ","},
        },
    },
}
MEMBERS = ("InputFormat", "OutputFormat", "SerdeInfo")


def to_api(name: str | Mapping[str, Any] | None) -> dict[str, Any]:
    """Give the members of a storage descriptor for a format."""
    return dict(FORMATS[name] if isinstance(name, str) else name or {})


def from_api(storage: Mapping[str, Any]) -> str | dict[str, Any] | None:
    """Give the format's name, or None if there is none.

    What is none of ours (another SerDe, another delimiter) is given as the API has it: a blueprint cannot write that,
    so it shows as drift, and an undo can put it back.
    """
    given = {key: storage[key] for key in MEMBERS if storage.get(key)}
    return next((name for name, format_ in FORMATS.items() if _is(given, format_)), given or None)


def _is(given: Mapping[str, Any], format_: Mapping[str, Any]) -> bool:
    serde, ours = given.get("SerdeInfo", {}), format_["SerdeInfo"]
    delimiter = ours["Parameters"].get("field.delim")
    return bool(
        given.get("InputFormat") == format_["InputFormat"]
        and given.get("OutputFormat") == format_["OutputFormat"]
        and serde.get("SerializationLibrary") == ours["SerializationLibrary"]
        and serde.get("Parameters", {}).get("field.delim") == delimiter
    )
