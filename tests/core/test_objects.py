from __future__ import annotations

from dpn.errors import DpnError
from dpn.objects import LostReplyError


def test_a_lost_reply_always_says_what_to_do_next() -> None:
    error = LostReplyError("no answer came")
    assert isinstance(error, DpnError)
    assert "run the command again" in error.hint
    assert LostReplyError("no answer came", hint="Look there.").hint == "Look there."
