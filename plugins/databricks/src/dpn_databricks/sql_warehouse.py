"""The kind `databricks_sql_warehouse`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from dpn import Broken, Kind, Marker, Observed, Part, Ready, Ref, Wait, Want, user_tags
from dpn_databricks.client import DatabricksSession
from dpn_databricks.fields import choice, filled, flag, record, text, whole
from dpn_databricks.names import CATALOGUE
from dpn_databricks.plain import handle, present, unless_gone
from dpn_databricks.tagging import tags_schema, tags_with

if TYPE_CHECKING:
    from databricks.sdk.service.sql import EndpointInfo, GetWarehouseResponse, WarehousesAPI

    Raw: TypeAlias = Union[EndpointInfo, GetWarehouseResponse]  # noqa: UP007 - what list gives, and what get gives

_SIZES = ["2X-Small", "X-Small", "Small", "Medium", "Large", "X-Large", "2X-Large", "3X-Large", "4X-Large", "5X-Large"]
_SECONDS = 10
# Sent by an edit where the blueprint leaves it out: what an edit does not say stays as it was.
_EMPTY: Mapping[str, Any] = {"instance_profile_arn": ""}
# What the service may answer in place of a value that does not apply.
_NOTHING = ("POLICY_UNSPECIFIED", "TYPE_UNSPECIFIED")

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["cluster_size"],
    "properties": {
        "cluster_size": choice("The size of each of its clusters.", _SIZES),
        "min_num_clusters": whole("How many clusters run at least while it runs.", 1, maximum=30, default=1),
        "max_num_clusters": whole("How many clusters it may grow to under load.", 1, maximum=40, default=1),
        "auto_stop_mins": whole(
            "Stop it after so many idle minutes; 0: never.", anyOf=[{"const": 0}, {"minimum": 10}], default=120
        ),
        "warehouse_type": choice(
            "PRO has all functions, and alone may be serverless; CLASSIC is the older one.",
            ("PRO", "CLASSIC"),
            default="PRO",
        ),
        "enable_serverless_compute": flag("Whether Databricks lends the machines.", default=False),
        "enable_photon": flag("Whether it uses the vectorised engine.", default=True),
        "spot_instance_policy": choice(
            "Whether its workers may be spot instances.",
            ("COST_OPTIMIZED", "RELIABILITY_OPTIMIZED"),
            default="COST_OPTIMIZED",
        ),
        "channel": record(
            "Which version of Databricks SQL it runs.",
            {
                "name": choice(
                    "CURRENT, or PREVIEW for what comes next.",
                    ("CHANNEL_NAME_CURRENT", "CHANNEL_NAME_PREVIEW", "CHANNEL_NAME_PREVIOUS"),
                ),
            },
            ["name"],
            default={"name": "CHANNEL_NAME_CURRENT"},
        ),
        "instance_profile_arn": text("The AWS instance profile that it runs with. Databricks advises against it."),
        "tags": tags_schema(44),  # "Number of tags < 45"
    },
}


class SqlWarehouse(Kind):
    """A SQL warehouse. `Ref.id` is its id. One that stopped by itself starts at its next query, and is no drift."""

    kind = "databricks_sql_warehouse"
    name_rule = CATALOGUE.rule(kind)
    default_pattern = CATALOGUE.pattern(kind)
    variables = CATALOGUE.variables(kind)
    schema = SCHEMA
    parts = (Part("settings", tuple(SCHEMA["properties"]), at_birth=True),)
    rename_how = "in_place"
    undelete = "lossy"  # the id that dashboards and connections name, and the permissions, are another one's then
    marker = "tags"
    settle = 20  # sql/warehouses shows a new one at once; the margin is for a request that was slow to land
    lists = "full"
    session: DatabricksSession

    def create(self, want: Want) -> Ref:
        from databricks.sdk.service.sql import CreateWarehouseRequestWarehouseType as Type

        begun: Any = self._api(once=True).create(**_request(want.name, want.spec, want.tags, Type))
        return Ref(self.kind, want.name, begun.response.id)

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        gone = {key: value for key, value in _EMPTY.items() if key in seen.spec}
        self._edit(ref, {**gone, **want.spec}, want.tags)

    def read(self, ref: Ref) -> Observed | None:
        if ref.id is None:
            return next((seen for seen in self.list(None) if seen.ref.name == ref.name), None)
        raw = unless_gone(self._api().get, ref.id)
        return self._observe(raw) if raw and _is_there(raw) else None

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        yield from (self._observe(raw) for raw in self._api().list() if _is_there(raw))

    def ready(self, ref: Ref) -> Ready | Wait | Broken:
        raw = unless_gone(self._api().get, handle(ref))
        if not raw or not _is_there(raw):
            return Broken("it is gone")
        if _state(raw) in ("STARTING", "STOPPING"):
            return Wait(_SECONDS)
        failed = _state(raw) == "STOPPED" and raw.health and raw.health.status and raw.health.status.value == "FAILED"
        return Broken(f"the warehouse stopped: {_why(raw)}") if failed else Ready()

    def delete(self, ref: Ref, seen: Observed) -> None:
        unless_gone(self._api().delete, handle(ref))

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        self._edit(ref, seen.spec, tags_with(seen, marker))

    def rename(self, ref: Ref, name: str) -> Ref:
        raw = self._api().get(handle(ref))  # the whole is sent again, in case the service takes an edit for that
        new = Ref(self.kind, name, ref.id)
        self._edit(new, self._observe(raw).spec, _tags(raw), once=True)
        return new

    def _api(self, *, once: bool = False) -> WarehousesAPI:
        from databricks.sdk.service.sql import WarehousesAPI

        return self.session.api(WarehousesAPI, once=once)

    def _edit(self, ref: Ref, spec: Mapping[str, Any], tags: Mapping[str, str], *, once: bool = False) -> None:
        from databricks.sdk.service.sql import EditWarehouseRequestWarehouseType as Type

        self._api(once=once).edit(handle(ref), **_request(ref.name, spec, tags, Type))

    def _observe(self, raw: Raw) -> Observed:
        given = {key: value for key, value in raw.as_dict().items() if value not in _NOTHING}
        known = {key: value for key, value in given.items() if key in SCHEMA["properties"]}
        known["channel"] = present({"name": given.get("channel", {}).get("name")})  # its version follows from that
        spec = present(filled({**known, "tags": user_tags(_tags(raw))}, SCHEMA))
        ref = Ref(self.kind, raw.name or "", raw.id)
        return Observed(ref, spec, Marker.from_tags(_tags(raw)), status=_state(raw).lower())


def _request(name: str, spec: Mapping[str, Any], tags: Mapping[str, str], type_: Any) -> Any:
    """Give the arguments of create and edit, which differ in one class of the SDK."""
    from databricks.sdk.service.sql import Channel, EndpointTagPair, EndpointTags, SpotInstancePolicy

    made = {"warehouse_type": type_, "spot_instance_policy": SpotInstancePolicy, "channel": Channel.from_dict}
    pairs = [EndpointTagPair(key, value) for key, value in sorted(tags.items())]
    own = {key: made[key](value) if key in made else value for key, value in spec.items()}
    return {**own, "name": name, "tags": EndpointTags(pairs)}


def _tags(raw: Raw) -> dict[str, str]:
    pairs = (raw.tags.custom_tags or []) if raw.tags else []
    return {pair.key: pair.value or "" for pair in pairs if pair.key}


def _state(raw: Raw) -> str:
    return raw.state.value if raw.state else "UNKNOWN"


def _is_there(raw: Raw) -> bool:
    return _state(raw) not in ("DELETED", "DELETING")


def _why(raw: Raw) -> str:
    health = raw.health
    return (health and (health.message or health.summary or health.details)) or "the service does not say why"
