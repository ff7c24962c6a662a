"""`dpn plugins`: what is installed."""

from dpn.cli.command import Lazy

COMMAND = Lazy(
    "plugins",
    home="dpn.cli.plugins",
    sections={"Commands": {"list": "List the installed plugins.", "check": "Load plugins and check them."}},
    help="List and check plugins.",
    examples=("dpn plugins list", "dpn plugins check aws"),
)
