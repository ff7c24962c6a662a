"""`dpn sandbox`: the embedded cloud."""

from dpn.cli.command import Lazy

COMMAND = Lazy(
    "sandbox",
    home="dpn.cli.sandbox",
    sections={
        "Commands": {
            "start": "Start it.",
            "stop": "Stop it; its objects stay.",
            "reset": "Drop its objects and stacks.",
            "env": "Print what leads other tools to it.",
        }
    },
    help="Run the embedded cloud behind --sandbox. It starts by itself, and ends when it is not used.",
    examples=("dpn apply --sandbox", 'eval "$(dpn sandbox env)"', "dpn sandbox reset"),
)
