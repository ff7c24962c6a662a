"""AWS for the server: moto with the fixes around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dpn_sandbox.aws import answers, backends, overlay
from dpn_sandbox.aws.calls import Call, identify
from dpn_sandbox.cloud import Moment, Outcome
from dpn_sandbox.wire import Reply, Request

if TYPE_CHECKING:
    from werkzeug.serving import WSGIRequestHandler

# Not needed to apply the request again, or nobody's business.
_DROPPED = ("HTTP_USER_AGENT", "HTTP_X_AMZ_SECURITY_TOKEN", "HTTP_AMZ_SDK_REQUEST", "HTTP_AMZ_SDK_INVOCATION_ID")


class Aws:
    """S3, Glue and STS. moto keeps its objects in the process, so there is one of these at a time."""

    name = "aws"
    failure = "InternalFailure"

    def __init__(self) -> None:
        """Begin without objects."""
        self._moto = backends.Moto()

    @property
    def handler(self) -> type[WSGIRequestHandler]:
        return backends.HANDLER

    def identify(self, request: Request) -> Call:
        return identify(request)

    def apply(self, call: Call, request: Request, moment: Moment) -> Outcome:
        if call.service not in backends.SERVICES:
            return self._lacking(call, f"The sandbox has {', '.join(backends.SERVICES)} only.")
        if call.write:
            self._moto.seed(moment.seed)
        try:
            reply = overlay.answer(call, request, lambda inner: self._moto.apply(call.service, inner))
        except NotImplementedError:
            return self._lacking(call, f"The sandbox does not have {call.operation}.")
        return Outcome(reply, changed=call.write and reply.done)

    def error(self, call: Call, status: int, code: str, message: str) -> Reply:
        return answers.error(call.service, status, code, message)

    def throttled(self, call: Call) -> Reply:
        return answers.throttled(call.service)

    def too_large(self) -> Reply:
        return answers.error("s3", 400, "EntityTooLarge", "The sandbox takes bodies of up to 64 MiB.")

    def kept(self, request: Request) -> Request:
        headers = {key: value for key, value in request.headers.items() if key not in _DROPPED}
        if "HTTP_AUTHORIZATION" in headers:
            # Region and service are read from it; the signature is not checked, so it need not lie about.
            headers["HTTP_AUTHORIZATION"] = headers["HTTP_AUTHORIZATION"].partition(", Signature=")[0]
        return replace(request, headers=headers)

    def reset(self) -> None:
        self._moto.reset()

    def plant(self, what: Mapping[str, Any]) -> None:
        """Make the bucket `bucket` of another account."""
        backends.plant(str(what["bucket"]))

    def inventory(self) -> Mapping[str, Mapping[str, Any]]:
        return backends.inventory()

    def _lacking(self, call: Call, message: str) -> Outcome:
        return Outcome(answers.error(call.service, 501, "NotImplemented", message), changed=False)
