"""`dpn config`: the naming configuration."""

from dpn.cli.command import Lazy

COMMAND = Lazy(
    "config",
    home="dpn.cli.config",
    sections={
        "Commands": {
            "init": "Write the first naming files.",
            "validate": "Check the naming files and config.yaml.",
            "show": "Show which value of a variable wins, and why.",
        }
    },
    help="Make, check and explain the naming configuration.",
    examples=("dpn config init", "dpn config show aws_s3_bucket --origin"),
)
