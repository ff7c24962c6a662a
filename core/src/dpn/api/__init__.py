"""The public Python door: values in, values out, nothing printed, no exit. The command line uses only this.

All functions take `Options` and, for tests and servers, a `World`. They raise only children of `DpnError`. Each name is
imported when it is asked for, so that a command pays only for what it uses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dpn.api.audits import NameAudit, Unlisted, audit_names
    from dpn.api.authors import SORTS, hooks_of, new_plugin, plugin_command
    from dpn.api.checks import Checked, check_plugins
    from dpn.api.configs import CheckedConfig, Headroom, Source, config_check, config_init, config_rows, naming_schema
    from dpn.api.edits import Edit, edit, write_edit
    from dpn.api.health import Finding, doctor
    from dpn.api.moves import migrate
    from dpn.api.name_readings import explain_name, parse_name, suggest_name
    from dpn.api.name_streams import NameStream, said
    from dpn.api.names import check_names, explain_pattern, render_name, rendered_name
    from dpn.api.plans import plan, save, validate
    from dpn.api.reads import Seen, installed, read, schema, stacks
    from dpn.api.recoveries import recover
    from dpn.api.renames import migrate_names, name_rows, plan_names
    from dpn.api.runs import CREATES, RENAMES, UPDATES, Applied, Confirm, apply, delete
    from dpn.api.sandboxes import sandbox_env, sandbox_reset, sandbox_start, sandbox_stop
    from dpn.api.states import forget, history, move, record, records, unlock, unsettled
    from dpn.api.transfers import Agree, Transfer, pull, push, write_state
    from dpn.desk import Options, mend
    from dpn.driver import Control
    from dpn.flow import Desired, Planned
    from dpn.naming.auditing import Audited
    from dpn.naming.explaining import Explanation
    from dpn.naming.reading import Reading, Readings
    from dpn.openness import moved_to
    from dpn.plan import is_empty, summary
    from dpn.transact import Result

_ROOMS = {
    "dpn.api.audits": "NameAudit Unlisted audit_names",
    "dpn.api.authors": "SORTS hooks_of new_plugin plugin_command",
    "dpn.api.checks": "Checked check_plugins",
    "dpn.api.configs": "CheckedConfig Headroom Source config_check config_init config_rows naming_schema",
    "dpn.api.edits": "Edit edit write_edit",
    "dpn.api.health": "Finding doctor",
    "dpn.api.moves": "migrate",
    "dpn.api.name_readings": "explain_name parse_name suggest_name",
    "dpn.api.name_streams": "NameStream said",
    "dpn.api.names": "check_names explain_pattern render_name rendered_name",
    "dpn.api.plans": "plan save validate",
    "dpn.api.reads": "Seen installed read schema stacks",
    "dpn.api.recoveries": "recover",
    "dpn.api.renames": "migrate_names name_rows plan_names",
    "dpn.api.runs": "CREATES RENAMES UPDATES Applied Confirm apply delete",
    "dpn.api.sandboxes": "sandbox_env sandbox_reset sandbox_start sandbox_stop",
    "dpn.api.states": "forget history move record records unlock unsettled",
    "dpn.api.transfers": "Agree Transfer pull push write_state",
    "dpn.desk": "Options mend",
    "dpn.driver": "Control",
    "dpn.flow": "Desired Planned",
    "dpn.naming.auditing": "Audited",
    "dpn.naming.explaining": "Explanation",
    "dpn.naming.reading": "Reading Readings",
    "dpn.openness": "moved_to",
    "dpn.plan": "is_empty summary",
    "dpn.transact": "Result",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = [
    "CREATES", "RENAMES", "SORTS", "UPDATES", "Agree", "Applied", "Audited", "Checked", "CheckedConfig", "Confirm",
    "Control", "Desired", "Edit", "Explanation", "Finding", "Headroom", "NameAudit", "NameStream", "Options", "Planned",
    "Reading", "Readings", "Result", "Seen", "Source", "Transfer", "Unlisted", "apply", "audit_names", "check_names",
    "check_plugins", "config_check", "config_init", "config_rows", "delete", "doctor", "edit", "explain_name",
    "explain_pattern", "forget", "history", "hooks_of", "installed", "is_empty", "mend", "migrate", "migrate_names",
    "move", "moved_to", "name_rows", "naming_schema", "new_plugin", "parse_name", "plan", "plan_names",
    "plugin_command", "pull", "push", "read", "record", "records", "recover", "render_name", "rendered_name", "said",
    "sandbox_env", "sandbox_reset", "sandbox_start", "sandbox_stop", "save", "schema", "stacks", "suggest_name",
    "summary", "unlock", "unsettled", "validate", "write_edit", "write_state",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a name from its room."""
    if name in _ROOM_OF:
        return getattr(import_module(_ROOM_OF[name]), name)
    raise AttributeError(f"module 'dpn.api' has no attribute {name!r}")
