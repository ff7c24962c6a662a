"""The spec of an `aws_s3_bucket` as JSON Schema; the defaults are the safe ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpn_aws import lifecycle

# AWS's own class, [\p{L}\p{Z}\p{N}_.:/=+\-@]; the lookahead after `$` refuses the newline that `$` lets through.
_TAG_KEY = r"^(?![Aa][Ww][Ss]:|dpn)[\w .:/=+@-]{1,128}$(?!\n)"
_TAG_VALUE = r"^[\w .:/=+@-]{0,256}$(?!\n)"

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "public_access_block": {
            "type": "boolean",
            "default": True,
            "description": "true: nothing in the bucket can be made public, by ACL or by policy. false: no such guard.",
        },
        "encryption": {
            "type": "object",
            "additionalProperties": False,
            "required": ["algorithm"],
            "default": {"algorithm": "AES256"},
            "description": "How new objects are encrypted when their writer does not say. AES256 takes no key.",
            "properties": {
                "algorithm": {
                    "enum": ["AES256", "aws:kms"],
                    "description": "AES256: keys of S3; aws:kms: keys of KMS.",
                },
                "kms_key": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 2048,
                    "description": "Id, ARN or alias of the KMS key; left out: the account's key for S3.",
                },
                "bucket_key": {
                    "const": True,
                    "description": "true: one data key for the bucket, which saves calls to KMS; left out: none.",
                },
            },
        },
        "ownership": {
            "enum": ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"],
            "default": "BucketOwnerEnforced",
            "description": "Who owns objects that others write. BucketOwnerEnforced also switches ACLs off.",
        },
        "versioning": {
            "type": "boolean",
            "default": False,
            "description": "Keep old versions of objects. AWS advises to wait 15 minutes after switching it on.",
        },
        "tags": {
            "type": "object",
            "maxProperties": 47,
            "propertyNames": {"pattern": _TAG_KEY},
            "additionalProperties": {
                "type": "string",
                "pattern": _TAG_VALUE,
                "description": "The tag's value: letters, digits, space and . : / = + - @ _, at most 256.",
            },
            "description": "At most 47 tags; three are dpn's. No key begins with aws: or dpn.",
        },
        "lifecycle": lifecycle.SCHEMA,
    },
}
