"""The function app: every blueprint registered here is a part of it."""

import azure.durable_functions as df
import azure.functions as func

from orders import activities, http, orchestrator

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
app.register_functions(http.blueprint)
app.register_functions(orchestrator.blueprint)
app.register_functions(activities.blueprint)
