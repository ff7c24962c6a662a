"""The sandbox's Databricks: a stateful workspace behind the paths and shapes of the SDK, without the SDK."""
