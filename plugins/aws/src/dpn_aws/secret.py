"""`${secret:aws-sm:ID#KEY}`: a secret of AWS Secrets Manager, whole or by a key of its JSON."""

from __future__ import annotations

import json
from typing import Any

from dpn import DpnError
from dpn_aws.client import AwsSession
from dpn_aws.errors import classify

_REGION_OF_ARN = 3  # arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:NAME-XXXXXX
_HINTS = {
    "ResourceNotFoundException": "Check its name, its region and the account: aws secretsmanager list-secrets",
    "AccessDeniedException": "Allow secretsmanager:GetSecretValue on it, and kms:Decrypt on a key of your own.",
    "DecryptionFailure": "Its KMS key cannot be used: check the key's state and that you may decrypt with it.",
    "InvalidRequestException": "It may be about to be deleted: aws secretsmanager restore-secret",
    "501": "What answers there, such as the sandbox, has no Secrets Manager: use ${env:NAME} with it.",
    "InvalidParameterException": "Write its name or its whole ARN.",
}


def secret(session: AwsSession, rest: str) -> str:
    """Give the string of a secret, or one key of it; DpnError in plain words, which never hold the value.

    `rest` is a name or an ARN, and behind `#` the key. Each secret is fetched once in a run, whatever keys are asked.
    """
    name, _, key = rest.partition("#")
    text = session.secret(name, lambda: _fetched(session, name))
    return _picked(name, key, text) if key else text


def _fetched(session: AwsSession, name: str) -> str:
    try:
        reply = session.secretsmanager(_region(name)).get_secret_value(SecretId=name)
    except Exception as error:  # noqa: BLE001 - whatever the SDK raises is told by its code
        # What the service says is left out: a text of ours can hold nothing of the secret.
        fault = classify(error, "read")
        hint = _HINTS.get(fault.code, fault.hint)
        raise DpnError(f"The secret {name} of AWS cannot be read: {fault.code}.", hint=hint) from None
    text = reply.get("SecretString")
    if text is None:
        raise DpnError(f"The secret {name} of AWS is binary; dpn takes text only.", hint="Store it as a string.")
    return text


def _region(name: str) -> str | None:
    """Give the region that an ARN names; a name is one of the alias's region."""
    parts = name.split(":")
    return parts[_REGION_OF_ARN] if parts[0] == "arn" and len(parts) > _REGION_OF_ARN else None


def _picked(name: str, key: str, text: str) -> str:
    try:
        content: Any = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise DpnError(f"The secret {name} of AWS is no JSON object, so it has no {key}.", hint=f"Leave #{key} out.")
    if key not in content:
        raise DpnError(f"The secret {name} of AWS has no key {key}.", hint="See its keys in the console of AWS.")
    value = content[key]
    return value if isinstance(value, str) else json.dumps(value)
