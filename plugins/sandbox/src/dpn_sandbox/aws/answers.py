"""Error replies in the shape of each service."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from dpn_sandbox.wire import Reply

_ID = "dpn-sandbox"


def error(service: str, status: int, code: str, message: str) -> Reply:
    """Give an error as S3 (XML), Glue (JSON 1.1) or STS (query protocol) would."""
    if service == "glue":
        return _json(status, code, message)
    inner = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if service == "sts":
        text = f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error><RequestId>{_ID}</RequestId></ErrorResponse>"
    else:
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}<RequestId>{_ID}</RequestId></Error>'
    return Reply(status, (("Content-Type", "application/xml"), ("x-amz-request-id", _ID)), text.encode())


def throttled(service: str) -> Reply:
    """Give what the service says when it is asked too often."""
    if service == "s3":
        return error("s3", 503, "SlowDown", "Please reduce your request rate.")
    return error(service, 400, "ThrottlingException" if service == "glue" else "Throttling", "Rate exceeded")


def _json(status: int, code: str, message: str) -> Reply:
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-requestid", _ID), ("x-amzn-errortype", code))
    return Reply(status, headers, json.dumps({"__type": code, "Message": message}).encode())
