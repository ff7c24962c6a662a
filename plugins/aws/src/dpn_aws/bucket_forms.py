"""The parts of a bucket in the form of a blueprint, and in that of S3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dpn import user_tags
from dpn_aws.plain import present

_FLAGS = {
    "block_public_acls": "BlockPublicAcls",
    "ignore_public_acls": "IgnorePublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "restrict_public_buckets": "RestrictPublicBuckets",
}


def only(rules: Sequence[Any]) -> dict[str, Any]:
    """Give the one rule that there can be, or none."""
    return dict(rules[0]) if rules else {}


def pairs(tags: Mapping[str, str]) -> Any:
    """Give tags as S3 has them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def users(tags: Mapping[str, str]) -> dict[str, str]:
    """Give the tags that are neither ours nor those of AWS."""
    return {key: value for key, value in user_tags(tags).items() if not key.startswith("aws:")}


def flags(block: Any) -> Any:
    """Give the four flags of one boolean, or of an object."""
    return {theirs: block if isinstance(block, bool) else block[ours] for ours, theirs in _FLAGS.items()}


def block(flags: Mapping[str, Any]) -> bool | dict[str, bool]:
    """Give one boolean if all flags agree; a mixture, which only others make, by flags, so that it can be put back."""
    given = {ours: bool(flags.get(theirs, False)) for ours, theirs in _FLAGS.items()}
    return all(given.values()) if len(set(given.values())) == 1 else given


def encryption(spec: Mapping[str, Any]) -> Any:
    """Give the encryption of a spec as a rule."""
    default = present({"SSEAlgorithm": spec["algorithm"], "KMSMasterKeyID": spec.get("kms_key")})
    return {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": spec.get("bucket_key", False)}


def crypt(rule: Mapping[str, Any]) -> dict[str, Any]:
    """No rule is AES256: S3 encrypts every object since January 2023. A bucket key means nothing without KMS."""
    default = rule.get("ApplyServerSideEncryptionByDefault", {"SSEAlgorithm": "AES256"})
    key = rule.get("BucketKeyEnabled", False) and default["SSEAlgorithm"] == "aws:kms"
    return present(
        {"algorithm": default["SSEAlgorithm"], "kms_key": default.get("KMSMasterKeyID"), "bucket_key": key or None}
    )
