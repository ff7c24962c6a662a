"""`dpn name`: naming on its own."""

from dpn.cli.command import Lazy

COMMAND = Lazy(
    "name",
    home="dpn.cli.name",
    sections={
        "Commands": {
            "render": "Give the name that the convention makes.",
            "check": "Check names against the cloud's rules.",
            "parse": "Read a name backwards: which values make it.",
            "explain": "Explain a name: where each part of it comes from.",
            "suggest": "Give the nearest valid name.",
            "audit": "Judge the names of an account, or of a list.",
            "migrate": "Rename what is there after the convention changed.",
        }
    },
    help="Render, check, read, explain, audit and migrate names.",
    examples=("dpn name render aws_s3_bucket purpose=lake region=us-east-1", "dpn name check aws_s3_bucket my-bucket"),
)
