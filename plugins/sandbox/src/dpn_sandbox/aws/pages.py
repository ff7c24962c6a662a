"""Page tokens: the last name of a page, so that what comes and goes between two pages makes none appear twice."""

from __future__ import annotations

import base64


def token(last: str) -> str:
    """Give the token that leads on after a name."""
    return base64.urlsafe_b64encode(last.encode()).decode()


def after(given: str) -> str:
    """Give the name after which to go on; empty for no token; raise ValueError for one that is not ours."""
    return base64.b64decode(given, altchars=b"-_", validate=True).decode()
