"""`dpn state`: what is recorded."""

from dpn.cli.command import Lazy

COMMAND = Lazy(
    "state",
    home="dpn.cli.state",
    sections={
        "Commands": {
            "list": "List the recorded resources.",
            "show": "Show all that is recorded of one.",
            "history": "List the runs that have ended.",
            "mv": "Give a record another address.",
            "rm": "Forget resources without deleting them.",
            "pull": "Print the state, or write it to a file.",
            "push": "Put the state of a file in place.",
            "migrate": "Move the state to another backend.",
        }
    },
    help="Look into the state of a stack, and mend it.",
    examples=("dpn state list", "dpn state show 'aws_s3_bucket.lake[gold]'"),
)
