"""`dpn plugins`: what is installed, and what is to be."""

from dpn.cli.command import Lazy

COMMAND = Lazy(
    "plugins",
    home="dpn.cli.plugins",
    sections={
        "Commands": {
            "list": "List the installed plugins.",
            "check": "Load plugins and check them.",
            "new": "Write the package of a new plugin.",
        }
    },
    help="List, check and begin plugins.",
    examples=("dpn plugins list", "dpn plugins check aws", "dpn plugins new acme --kind naming"),
)
