"""The kind `aws_s3_bucket`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dpn import Inside, Kind, Marker, Observed, Part, Ref, Want
from dpn_aws import bucket_forms as forms
from dpn_aws import lifecycle
from dpn_aws.bucket_schema import SCHEMA
from dpn_aws.catalogue import CATALOGUE
from dpn_aws.client import AwsSession
from dpn_aws.errors import BucketTakenError, code_of, unless
from dpn_aws.plain import present

_HOME = (None, "us-east-1", "aws-global")  # where a location constraint must be left out
_GONE = ("NoSuchBucket", "404")
_DENIED = ("403", "AccessDenied")
_ELSEWHERE = ("301", "PermanentRedirect")


class Bucket(Kind):
    """A general purpose S3 bucket. `Ref.id` is its name, by which alone S3 knows it; the marker tells whose it is."""

    kind = "aws_s3_bucket"
    name_rule = CATALOGUE.rule(kind)
    default_pattern = CATALOGUE.pattern(kind)
    variables = CATALOGUE.variables(kind)
    schema = SCHEMA
    parts = (
        Part("public_access", ("public_access_block",)),
        Part("encryption", ("encryption",)),
        Part("ownership", ("ownership",), at_birth=True),
        Part("versioning", ("versioning",)),
        Part("tags", ("tags",), at_birth=True),
        Part("lifecycle", ("lifecycle",)),
    )
    unordered = frozenset({"lifecycle"})
    data_bearing = True
    undelete = "lossy"  # policy, CORS and the like are not in the schema, and the name is free for anybody meanwhile
    marker = "tags"
    settle = 20  # HeadBucket shows a new bucket within seconds; its tags and ListBuckets may lag behind
    lists = "names"
    session: AwsSession

    def create(self, want: Want) -> Ref:
        region = want.region or self.session.region
        # Tags at birth also make this a true create-if-absent in us-east-1, which else says 200 for a bucket of ours.
        config = present(
            {"LocationConstraint": None if region in _HOME else region, "Tags": forms.pairs(want.tags)},
        )
        request = present({"CreateBucketConfiguration": config, "ObjectOwnership": want.spec.get("ownership")})
        self.session.s3(once=True, region=region).create_bucket(Bucket=want.name, **request)
        return Ref(self.kind, want.name, want.name)

    def put(self, ref: Ref, part: str, want: Want, seen: Observed) -> None:
        s3, whose, spec = self.session.s3(), self._whose(ref), want.spec
        if part == "public_access":
            s3.put_public_access_block(
                **whose, PublicAccessBlockConfiguration=forms.flags(spec.get("public_access_block", True))
            )
        elif part == "encryption":
            rule: Any = {**seen.extra.get("encryption", {}), **forms.encryption(spec["encryption"])}
            s3.put_bucket_encryption(**whose, ServerSideEncryptionConfiguration={"Rules": [rule]})
        elif part == "ownership":
            controls: Any = {"Rules": [{"ObjectOwnership": spec["ownership"]}]}
            s3.put_bucket_ownership_controls(**whose, OwnershipControls=controls)
        elif part == "versioning":
            status: Any = {"Status": "Enabled" if spec["versioning"] else "Suspended"}
            s3.put_bucket_versioning(**whose, VersioningConfiguration=status)
        elif part == "tags":
            self._tag(whose, {**seen.extra.get("tags", {}), **want.tags})
        else:
            self._age(whose, spec.get("lifecycle", []), seen.extra.get("lifecycle", {}))

    def read(self, ref: Ref) -> Observed | None:
        if not self._exists(ref):
            return None
        try:
            return self._observe(ref)
        except Exception as error:
            if code_of(error) in _GONE:  # deleted between two of the reads
                return None
            raise

    def available(self, name: str) -> bool:
        try:
            self.session.s3().head_bucket(**self._whose(Ref(self.kind, name)))
        except Exception as error:
            if code_of(error) in _GONE:
                return True
            if code_of(error) not in (*_DENIED, *_ELSEWHERE):  # these two are said of buckets only that there are
                raise
        return False

    def find(self, want: Want) -> Sequence[Observed]:
        try:
            return super().find(want)
        except BucketTakenError:  # somebody else's, so the create in doubt did not make it
            return []

    def list(self, scope: Ref | None) -> Iterator[Observed]:
        for name in self._names():
            yield Observed(Ref(self.kind, name, name), {})

    def delete(self, ref: Ref, seen: Observed) -> None:
        unless(_GONE, self.session.s3().delete_bucket, **self._whose(ref))

    def mark(self, ref: Ref, marker: Marker | None, seen: Observed) -> None:
        tags = {**seen.extra.get("tags", {}), **seen.spec.get("tags", {}), **(marker.tags() if marker else {})}
        self._tag(self._whose(ref), tags)

    def contents(self, ref: Ref) -> Sequence[Inside]:
        found = unless(_GONE, self.session.s3().list_object_versions, **self._whose(ref), MaxKeys=5)
        inside: list[Mapping[str, Any]] = [*found.get("Versions", []), *found.get("DeleteMarkers", [])] if found else []
        return [Inside("object", key) for key in sorted({item["Key"] for item in inside})]

    def _whose(self, ref: Ref) -> dict[str, Any]:
        return {"Bucket": ref.name, **self.session.owner()}

    def _exists(self, ref: Ref) -> bool:
        try:
            self.session.s3().head_bucket(**self._whose(ref))
        except Exception as error:
            if code_of(error) in _GONE:
                return False
            # 403 is another account's bucket, or our own without the rights: only the list tells them apart.
            if code_of(error) in _DENIED and not self._may_be_ours(ref.name):
                raise BucketTakenError(ref.name) from error
            raise
        return True

    def _may_be_ours(self, name: str) -> bool:
        names = unless(_DENIED, lambda: list(self._names(name)))
        return names is None or name in names

    def _names(self, prefix: str = "") -> Iterator[str]:
        # An account with more than 10,000 buckets gets no answer unless it asks by pages.
        pages = self.session.s3().get_paginator("list_buckets")
        for page in pages.paginate(**present({"Prefix": prefix}), PaginationConfig={"PageSize": 10000}):
            yield from (bucket["Name"] for bucket in page.get("Buckets", []))

    def _observe(self, ref: Ref) -> Observed:
        s3, whose = self.session.s3(), self._whose(ref)
        tagging = unless(("NoSuchTagSet",), s3.get_bucket_tagging, **whose)
        tags = {tag["Key"]: tag["Value"] for tag in tagging["TagSet"]} if tagging else {}
        block = unless(("NoSuchPublicAccessBlockConfiguration",), s3.get_public_access_block, **whose)
        crypt = unless(("ServerSideEncryptionConfigurationNotFoundError",), s3.get_bucket_encryption, **whose)
        rule = forms.only(crypt["ServerSideEncryptionConfiguration"]["Rules"] if crypt else [])
        owner = unless(("OwnershipControlsNotFoundError",), s3.get_bucket_ownership_controls, **whose)
        controls = forms.only(owner["OwnershipControls"]["Rules"] if owner else [])
        status = s3.get_bucket_versioning(**whose).get("Status")
        aging: Mapping[str, Any] = (
            unless(("NoSuchLifecycleConfiguration",), s3.get_bucket_lifecycle_configuration, **whose) or {}
        )
        spec = {
            "public_access_block": forms.block(block["PublicAccessBlockConfiguration"] if block else {}),
            "encryption": forms.crypt(rule),
            # No controls are those of a bucket older than April 2023, where whoever writes an object owns it.
            "ownership": controls.get("ObjectOwnership", "ObjectWriter"),
            "versioning": status == "Enabled",
            **present({"tags": forms.users(tags), "lifecycle": lifecycle.all_from_api(aging.get("Rules", []))}),
        }
        extra = {
            "tags": {key: value for key, value in tags.items() if key.startswith("aws:")},
            "encryption": {key: rule[key] for key in ("BlockedEncryptionTypes",) if key in rule},
            "lifecycle": {key: aging[key] for key in ("TransitionDefaultMinimumObjectSize",) if key in aging},
        }
        found = Ref(self.kind, ref.name, ref.name)
        return Observed(found, spec, Marker.from_tags(tags), extra=present(extra))

    def _tag(self, whose: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        if tags:
            self.session.s3().put_bucket_tagging(**whose, Tagging={"TagSet": forms.pairs(tags)})
        else:
            self.session.s3().delete_bucket_tagging(**whose)

    def _age(self, whose: Mapping[str, Any], rules: Sequence[Mapping[str, Any]], kept: Mapping[str, Any]) -> None:
        if rules:
            config: Any = {"Rules": [lifecycle.to_api(rule) for rule in rules]}
            self.session.s3().put_bucket_lifecycle_configuration(**whose, LifecycleConfiguration=config, **kept)
        else:
            self.session.s3().delete_bucket_lifecycle(**whose)
