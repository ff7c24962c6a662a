"""`dpn name`: naming on its own."""

from dpn.cli.command import Lazy

COMMAND = Lazy(
    "name",
    home="dpn.cli.name",
    sections={
        "Commands": {
            "render": "Give the name that the convention makes.",
            "check": "Check names against the cloud's rules.",
        }
    },
    help="Render and check names on their own.",
    examples=("dpn name render aws_s3_bucket purpose=lake region=us-east-1", "dpn name check aws_s3_bucket my-bucket"),
)
