"""The public Python door: values in, values out, nothing printed, no exit. The command line uses only this.

All functions take `Options` and, for tests and servers, a `World`. They raise only children of `DpnError`.
"""

from dpn.api.names import check_names, config_files, config_problems, config_rows, explain_pattern, render_name
from dpn.api.plans import Applied, apply, delete, plan, recover, save, validate
from dpn.api.reads import Seen, read, schema, stacks
from dpn.api.sandboxes import sandbox_env, sandbox_reset, sandbox_start, sandbox_stop
from dpn.api.states import forget, history, move, records
from dpn.desk import Options
from dpn.driver import Control
from dpn.flow import Desired, Planned
from dpn.plan import is_empty, summary
from dpn.transact import Result

__all__ = [
    "Applied", "Control", "Desired", "Options", "Planned", "Result", "Seen", "apply", "check_names", "config_files",
    "config_problems", "config_rows", "delete", "explain_pattern", "forget", "history", "is_empty", "move", "plan",
    "read", "records", "recover", "render_name", "sandbox_env", "sandbox_reset", "sandbox_start", "sandbox_stop",
    "save", "schema", "stacks", "summary", "validate",
]  # fmt: skip
