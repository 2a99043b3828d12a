"""Sample app with one orchestrator for each feature of the executor."""

import azure.durable_functions as df
import azure.functions as func
import chaining
import entities
import events_and_timers
import http_functions
import misbehaving
import retries
import versions

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
app.register_functions(http_functions.blueprint)
app.register_functions(chaining.blueprint)
app.register_functions(events_and_timers.blueprint)
app.register_functions(retries.blueprint)
app.register_functions(entities.blueprint)
app.register_functions(misbehaving.blueprint)
app.register_functions(versions.blueprint)
