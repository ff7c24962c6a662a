"""What plugins promise, held against them without a cloud: for `dpn plugins check` and for the suites of `dpn.testing`.

Each function yields what is wrong, in one sentence each; nothing here needs pytest.
"""
