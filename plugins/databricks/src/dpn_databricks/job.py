"""The kind `databricks_job`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dpn import Kind, Marker, Observed, Part, Ref, Want
from dpn_databricks import job_pauses, job_settings
from dpn_databricks.client import DatabricksSession
from dpn_databricks.job_schema import FIELDS, SCHEMA
from dpn_databricks.names import CATALOGUE
from dpn_databricks.plain import handle, present, unless_gone
from dpn_databricks.tagging import tags_with

if TYPE_CHECKING:
    from databricks.sdk.mixins.jobs import JobsExt
    from databricks.sdk.service.jobs import BaseJob
    from databricks.sdk.service.jobs import Job as FoundJob


class Job(Kind):
    """A job of Databricks Workflows. `Ref.id` is its job_id as text: names are no identity."""

    kind = "databricks_job"
    name_rule = CATALOGUE.rule(kind)
    default_pattern = CATALOGUE.pattern(kind)
    variables = CATALOGUE.variables(kind)
    schema = SCHEMA
    parts = (
        Part("settings", tuple(name for name in FIELDS if name != "run_as"), at_birth=True),
        # Of its own, so that a write of the settings never changes whose rights the runs have.
        Part("run_as", ("run_as",), at_birth=True),
    )
    rename_how = "in_place"
    undelete = "lossy"  # a new job has a new id, and neither the runs nor the permissions of the old one
    marker = "tags"
    settle = 30  # the service says nothing of it: jobs/list showed new jobs at once when it was tried
    lists = "names"  # the list shows no tasks
    session: DatabricksSession

    def create(self, want: Want) -> Ref:
        from databricks.sdk.service.jobs import JobSettings

        body = {**job_settings.to_api(want.name, want, {}), **present({"run_as": want.spec.get("run_as")})}
        made = self._api(once=True).create(**present(vars(JobSettings.from_dict(body))))
        return Ref(self.kind, want.name, str(made.job_id))

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        if part == "run_as":
            self._update(ref, {"run_as": want.spec.get("run_as") or self._creator(seen)})
            return
        from databricks.sdk.service.jobs import JobSettings

        body = job_settings.to_api(ref.name, want, seen.extra)
        if seen.status == "archived":
            body = job_pauses.paused(body)
        self._api().reset(_number(ref), JobSettings.from_dict(body))

    def read(self, ref: Ref) -> Observed | None:
        # A name alone means nothing here, and an id is a number: whatever else a person types is no job.
        job = unless_gone(self._api().get, int(ref.id)) if ref.id and ref.id.isdecimal() else None
        return self._observe(job) if job else None

    def find(self, want: Want) -> Sequence[Observed]:
        # The filter disregards case, and what it finds comes without tasks.
        refs = [ref for ref in self._refs(want.name) if ref.name == want.name]
        return [seen for seen in map(self.read, refs) if seen]

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        for ref in self._refs():
            yield Observed(ref, {})

    def delete(self, ref: Ref, seen: Observed) -> None:
        unless_gone(self._api().delete, _number(ref))

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        tags = {**seen.extra["tags"], **tags_with(seen, marker)}
        self._tag(ref, tags)

    def rename(self, ref: Ref, name: str) -> Ref:
        self._update(ref, {"name": name}, once=True)
        return Ref(self.kind, name, ref.id)

    def archive(self, ref: Ref) -> None:
        settings = self._settings(ref)
        if not job_pauses.is_archived(settings):
            after = job_pauses.paused(settings)
            self._update(ref, {key: after[key] for key in (*job_pauses.FIELDS, "tags") if key in after})

    def restore(self, ref: Ref) -> None:
        settings = self._settings(ref)
        if job_pauses.is_archived(settings):
            after = job_pauses.as_before(settings)
            self._tag(ref, after["tags"], {key: after[key] for key in job_pauses.FIELDS if key in after})

    def _api(self, *, once: bool = False) -> JobsExt:
        # The mixin joins the pages of a job with more than 100 tasks; it imports no other service.
        from databricks.sdk.mixins.jobs import JobsExt

        return self.session.api(JobsExt, once=once)

    def _refs(self, name: str | None = None) -> Iterator[Ref]:
        for job in self._api().list(limit=100, name=name):
            yield self._ref(job)

    def _settings(self, ref: Ref) -> dict[str, Any]:
        settings = self._api().get(_number(ref)).settings
        return settings.as_dict() if settings else {}

    def _tag(self, ref: Ref, tags: Mapping[str, str], others: Mapping[str, Any] | None = None) -> None:
        """Replace all tags; no tags at all are a field to remove, as the SDK sends nothing for an empty map."""
        self._update(ref, {**(others or {}), **present({"tags": dict(tags)})}, removed=[] if tags else ["tags"])

    def _update(
        self, ref: Ref, settings: Mapping[str, Any], *, removed: Sequence[str] = (), once: bool = False
    ) -> None:
        from databricks.sdk.service.jobs import JobSettings

        new = JobSettings.from_dict(dict(settings)) if settings else None
        self._api(once=once).update(_number(ref), new_settings=new, fields_to_remove=list(removed) or None)

    def _creator(self, seen: Observed) -> dict[str, str]:
        """Give whom a job runs as where nothing is said."""
        return job_settings.principal(seen.extra.get("creator") or self.session.identity().caller)

    def _ref(self, job: FoundJob | BaseJob) -> Ref:
        name = job.settings.name if job.settings else None
        return Ref(self.kind, name or "", str(job.job_id))

    def _observe(self, job: FoundJob) -> Observed:
        settings = job.settings.as_dict() if job.settings else {}
        # Only the name says who a job runs as where nobody ever set it.
        runs_as = settings.get("run_as") or job_settings.principal(job.run_as_user_name or "")
        extra = {**job_settings.others(settings), **present({"creator": job.creator_user_name})}
        return Observed(
            self._ref(job),
            present(job_settings.from_api(settings, runs_as)),
            Marker.from_tags(settings.get("tags", {})),
            status="archived" if job_pauses.is_archived(settings) else "ok",
            extra=extra,
        )


def _number(ref: Ref) -> int:
    return int(handle(ref))
