"""The transaction engine: a state machine without I/O. Read `core.py` first, then `forward.py` and `undo.py`."""

from dpn.engine.core import Engine
from dpn.engine.effects import Answer, Append, Call, Commit, Effect, End, Failure, Sleep, Sync, Tell
from dpn.engine.fold import fold, moved
from dpn.engine.nodes import nodes, removal_key

__all__ = [
    "Answer", "Append", "Call", "Commit", "Effect", "End", "Engine", "Failure", "Sleep", "Sync", "Tell", "fold",
    "moved", "nodes", "removal_key",
]  # fmt: skip
