"""What an error of AWS or of boto3 means for a write: not applied, throttled, or unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias, TypeVar

from dpn import Fault

T = TypeVar("T")
Outcome: TypeAlias = Literal["not_applied", "unknown", "throttled"]

_LOGIN = "Log in again (`aws sso login`, or renew the keys) and run the same command: dpn goes on from its journal."
_KEYS = "Check the access key, the system clock, and that the region is enabled for the account."
_RIGHTS = "Run `aws sts get-caller-identity`; give that caller the minimum policy of dpn-aws's README."
_NAME_TAKEN = "Names are shared by all accounts: choose other values, or put a hash behind the names (hash_generation)."
_OWNED = 'Choose other naming values, or declare it with "existing": true to refer to it only.'
_REGION = "Set the provider's `region`, or give the resource an alias of that region."
_REGION_OFF = "The region is not enabled for the account, or the endpoint is of another region."
_BAD_HEAD = "Check that the credentials are valid and that `region` is the bucket's."
_QUOTA = "A quota is reached: raise it in Service Quotas."
_GONE = "It or its parent is gone, or Lake Formation hides it from you: run `dpn plan` again."
_FULL = "dpn never empties a bucket: delete its objects, versions and delete markers first."
_TAG = "A tag's key or value is too long, has a forbidden character, or begins with aws:."
_VALUE = "AWS refused a value of the spec; its message says which."
_KMS = "Check the KMS key's state and that you may use it."
_FEDERATED = "The catalog is federated; change it at its source."
_BUSY = "AWS is still busy with this object; dpn tries again."
_SLOW = "The API's rate is exceeded; dpn tries again. A smaller --parallelism avoids it."
_BUG = "Please report it: dpn-aws sent something that the API does not take."
_NETWORK = "Check the network, the region's name and the endpoint."

# (outcome, what to do next, codes). A code that is not here is unknown for a write: it is looked up, never guessed.
_ROWS: tuple[tuple[Outcome, str, str], ...] = (
    ("not_applied", _NAME_TAKEN, "BucketAlreadyExists NAME-TAKEN"),
    ("not_applied", _OWNED, "BucketAlreadyOwnedByYou AlreadyExistsException"),
    ("not_applied", "Run `dpn name check aws_s3_bucket NAME`.", "InvalidBucketName"),
    ("not_applied", _REGION_OFF, "InvalidLocationConstraint IllegalLocationConstraintException"),
    ("not_applied", _REGION, "301 PermanentRedirect AuthorizationHeaderMalformed"),
    ("not_applied", _BAD_HEAD, "400"),
    ("not_applied", _QUOTA, "TooManyBuckets ResourceNumberLimitExceededException"),
    ("not_applied", _GONE, "404 NoSuchBucket EntityNotFoundException"),
    ("not_applied", _RIGHTS, "403 AccessDenied AccessDeniedException AllAccessDisabled Forbidden"),
    ("not_applied", _FULL, "BucketNotEmpty"),
    ("not_applied", _TAG, "InvalidTag"),
    ("not_applied", _VALUE, "MalformedXML InvalidRequest InvalidArgument InvalidInputException ValidationException"),
    ("not_applied", "Object lock needs versioning: leave `versioning` on.", "InvalidBucketState"),
    ("not_applied", _KMS, "KMS.NotFoundException KMS.DisabledException GlueEncryptionException"),
    ("not_applied", _FEDERATED, "FederationSourceException FederatedResourceAlreadyExistsException"),
    ("not_applied", _LOGIN, "ExpiredToken ExpiredTokenException RequestExpired TokenRefreshRequired"),
    ("not_applied", _KEYS, "InvalidClientTokenId UnrecognizedClientException SignatureDoesNotMatch"),
    ("not_applied", _KEYS, "InvalidAccessKeyId InvalidSignatureException MissingAuthenticationToken"),
    ("not_applied", _KEYS, "AuthFailure OptInRequired RequestTimeTooSkewed InvalidToken"),
    ("not_applied", _BUG, "MethodNotAllowed NotImplemented UnknownOperationException"),
    ("throttled", _SLOW, "Throttling ThrottlingException ThrottledException RequestThrottled SlowDown 429"),
    ("throttled", _SLOW, "RequestThrottledException TooManyRequestsException RequestLimitExceeded"),
    ("throttled", _BUSY, "OperationAborted ConditionalRequestConflict ConcurrentModificationException"),
    ("throttled", _BUSY, "ResourceNotReadyException VersionMismatchException FederationSourceRetryableException"),
)
CODES: Mapping[str, tuple[Outcome, str]] = {
    code: (outcome, hint) for outcome, hint, codes in _ROWS for code in codes.split()
}

# Exceptions that boto3 raises before anything is sent, by class name: botocore is not imported to compare classes.
_UNSENT: Mapping[str, str] = {
    "EndpointConnectionError": _NETWORK,
    "ConnectTimeoutError": _NETWORK,
    "ProxyConnectionError": "Check HTTPS_PROXY and NO_PROXY.",
    "NoCredentialsError": "Run `aws configure` or `aws sso login`, or set AWS_PROFILE.",
    "PartialCredentialsError": "Set both the access key id and the secret access key.",
    "CredentialRetrievalError": _LOGIN,
    "MetadataRetrievalError": _LOGIN,
    "SSOError": _LOGIN,
    "TokenRetrievalError": _LOGIN,
    "ProfileNotFound": "Run `aws configure list-profiles`.",
    "NoRegionError": "Set `region` of the provider, or AWS_DEFAULT_REGION.",
    "InvalidRegionError": "Check `region` of the provider.",
    "EndpointProviderError": _NETWORK,
    "ParamValidationError": _BUG,
}


class BucketTakenError(Exception):
    """A bucket of this name exists and belongs to another account."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the bucket {name} belongs to another AWS account")


def code_of(error: Exception) -> str:
    """Give the code of an AWS error, or the empty text."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, Mapping) else ""


def unless(codes: tuple[str, ...], call: Callable[..., T], **request: Any) -> T | None:
    """Make the call and give its reply, or None if it failed with one of the codes."""
    try:
        return call(**request)
    except Exception as error:
        if code_of(error) in codes:
            return None
        raise


def classify(error: Exception, method: str) -> Fault:
    """Tell what `error`, raised by `method`, says about whether the call took effect.

    Whatever is not known to be refused is unknown: a lost reply, a 5xx, an answer that is no answer of AWS.
    """
    if isinstance(error, BucketTakenError):
        return _fault("NAME-TAKEN", str(error), *CODES["NAME-TAKEN"])
    response = getattr(error, "response", None)
    if isinstance(response, Mapping):
        return _of_reply(response, error, method)
    for name in (base.__name__ for base in type(error).__mro__):
        if name in _UNSENT:
            return _fault(name, str(error), "not_applied", _UNSENT[name])
    return _fault(type(error).__name__, str(error), "unknown", "dpn looks whether the call took effect.")


def _of_reply(response: Mapping[str, Any], error: Exception, method: str) -> Fault:
    code = code_of(error) or "Unknown"
    meta = response.get("ResponseMetadata", {})
    status = int(meta.get("HTTPStatusCode", 0))
    text = response.get("Error", {}).get("Message") or str(error)
    message = f"{code}: {text}" + (f" (request {meta['RequestId']})" if meta.get("RequestId") else "")
    outcome, hint = CODES.get(code, ("unknown", ""))
    if code not in CODES and method in ("read", "list", "find", "contents", "available") and status in range(400, 500):
        outcome = "not_applied"  # a refused read has nothing to settle, and asking again changes nothing
    return _fault(code, message, outcome, hint, _seconds(meta) if outcome == "throttled" else None)


def _seconds(meta: Mapping[str, Any]) -> float | None:
    wait = str(meta.get("HTTPHeaders", {}).get("retry-after", ""))
    return float(wait) if wait.isdigit() else None


def _fault(code: str, message: str, outcome: Outcome, hint: str, retry_after: float | None = None) -> Fault:
    return Fault(outcome, code, message, retry_after, hint)
