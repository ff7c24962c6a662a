"""Settings that all tests share."""

from __future__ import annotations

import signal
import threading

from hypothesis import settings

# A deadline measures the machine, not the code; a failure prints what reproduces it.
settings.register_profile("dpn", deadline=None, print_blob=True)
settings.load_profile("dpn")

# A shell without job control starts background commands with SIGINT ignored, and nohup all with SIGHUP ignored; every
# test would inherit that.
if threading.current_thread() is threading.main_thread():
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
