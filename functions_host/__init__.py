"""An in-memory Functions host with a Durable executor: for teaching and for tests.

It runs a generated app with the worker of the SDK, without Azure, Docker or Core Tools.
`durable` lists the modules.
"""
