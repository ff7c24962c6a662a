"""The public Python door: values in, values out, nothing printed, no exit. The command line uses only this.

All functions take `Options` and, for tests and servers, a `World`. They raise only children of `DpnError`. Each name is
imported when it is asked for, so that a command pays only for what it uses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dpn.api.authors import Checked, check_plugins, plugin_command
    from dpn.api.configs import CheckedConfig, Headroom, Source, config_check, config_init, config_rows, naming_schema
    from dpn.api.edits import Edit, edit, write_edit
    from dpn.api.health import Finding, doctor
    from dpn.api.names import check_names, explain_pattern, render_name
    from dpn.api.plans import plan, save, validate
    from dpn.api.reads import Seen, installed, read, schema, stacks
    from dpn.api.runs import CREATES, RENAMES, UPDATES, Applied, Confirm, apply, delete, recover
    from dpn.api.sandboxes import sandbox_env, sandbox_reset, sandbox_start, sandbox_stop
    from dpn.api.states import forget, history, move, record, records, unlock, unsettled
    from dpn.api.transfers import Agree, Transfer, migrate, pull, push, write_state
    from dpn.desk import Options
    from dpn.driver import Control
    from dpn.flow import Desired, Planned
    from dpn.plan import is_empty, summary
    from dpn.transact import Result

_ROOMS = {
    "dpn.api.authors": "Checked check_plugins plugin_command",
    "dpn.api.configs": "CheckedConfig Headroom Source config_check config_init config_rows naming_schema",
    "dpn.api.edits": "Edit edit write_edit",
    "dpn.api.health": "Finding doctor",
    "dpn.api.names": "check_names explain_pattern render_name",
    "dpn.api.plans": "plan save validate",
    "dpn.api.reads": "Seen installed read schema stacks",
    "dpn.api.runs": "CREATES RENAMES UPDATES Applied Confirm apply delete recover",
    "dpn.api.sandboxes": "sandbox_env sandbox_reset sandbox_start sandbox_stop",
    "dpn.api.states": "forget history move record records unlock unsettled",
    "dpn.api.transfers": "Agree Transfer migrate pull push write_state",
    "dpn.desk": "Options",
    "dpn.driver": "Control",
    "dpn.flow": "Desired Planned",
    "dpn.plan": "is_empty summary",
    "dpn.transact": "Result",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = [
    "CREATES", "RENAMES", "UPDATES", "Agree", "Applied", "Checked", "CheckedConfig", "Confirm", "Control", "Desired",
    "Edit", "Finding", "Headroom", "Options", "Planned", "Result", "Seen", "Source", "Transfer", "apply", "check_names",
    "check_plugins", "config_check", "config_init", "config_rows", "delete", "doctor", "edit", "explain_pattern",
    "forget", "history", "installed", "is_empty", "migrate", "move", "naming_schema", "plan", "plugin_command", "pull",
    "push", "read", "record", "records", "recover", "render_name", "sandbox_env", "sandbox_reset", "sandbox_start",
    "sandbox_stop", "save", "schema", "stacks", "summary", "unlock", "unsettled", "validate", "write_edit",
    "write_state",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a name from its room."""
    if name in _ROOM_OF:
        return getattr(import_module(_ROOM_OF[name]), name)
    raise AttributeError(f"module 'dpn.api' has no attribute {name!r}")
