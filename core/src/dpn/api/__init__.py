"""The public Python door: values in, values out, nothing printed, no exit. The command line uses only this.

All functions take `Options` and, for tests and servers, a `World`. They raise only children of `DpnError`. Each name is
imported when it is asked for, so that a command pays only for what it uses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dpn.api.names import check_names, config_files, config_problems, config_rows, explain_pattern, render_name
    from dpn.api.plans import plan, save, validate
    from dpn.api.reads import Seen, installed, read, schema, stacks
    from dpn.api.runs import CREATES, RENAMES, UPDATES, Applied, Confirm, apply, delete, recover
    from dpn.api.sandboxes import sandbox_env, sandbox_reset, sandbox_start, sandbox_stop
    from dpn.api.states import forget, history, move, records
    from dpn.desk import Options
    from dpn.driver import Control
    from dpn.flow import Desired, Planned
    from dpn.plan import is_empty, summary
    from dpn.transact import Result

_ROOMS = {
    "dpn.api.names": "check_names config_files config_problems config_rows explain_pattern render_name",
    "dpn.api.plans": "plan save validate",
    "dpn.api.reads": "Seen installed read schema stacks",
    "dpn.api.runs": "CREATES RENAMES UPDATES Applied Confirm apply delete recover",
    "dpn.api.sandboxes": "sandbox_env sandbox_reset sandbox_start sandbox_stop",
    "dpn.api.states": "forget history move records",
    "dpn.desk": "Options",
    "dpn.driver": "Control",
    "dpn.flow": "Desired Planned",
    "dpn.plan": "is_empty summary",
    "dpn.transact": "Result",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = [
    "CREATES", "RENAMES", "UPDATES", "Applied", "Confirm", "Control", "Desired", "Options", "Planned", "Result", "Seen",
    "apply", "check_names", "config_files", "config_problems", "config_rows", "delete", "explain_pattern", "forget",
    "history", "installed", "is_empty", "move", "plan", "read", "records", "recover", "render_name", "sandbox_env",
    "sandbox_reset", "sandbox_start", "sandbox_stop", "save", "schema", "stacks", "summary", "validate",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a name from its room."""
    if name in _ROOM_OF:
        return getattr(import_module(_ROOM_OF[name]), name)
    raise AttributeError(f"module 'dpn.api' has no attribute {name!r}")
