"""Small apps that the host's own tests execute, each once in Python and once in JavaScript.

`ORDERS` is the app for planted faults; `PATTERNS` has one orchestrator for each feature of the
executor. Names are the same in both languages, so that one table of tests serves both.
"""

from __future__ import annotations

import json
from pathlib import Path

HOST_JSON = {"version": "2.0", "extensions": {"durableTask": {"hubName": "TestHub"}}}

PYTHON_ORDERS = """
import json
from datetime import datetime

import azure.durable_functions as df
import azure.functions as func

bp = df.Blueprint()
app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
print("imported: this line must not disturb the worker's answers")


@bp.route(route="orders", methods=["POST"])
@bp.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client) -> func.HttpResponse:
    try:
        order = json.loads(req.get_body())
    except ValueError:
        return func.HttpResponse(json.dumps({"error": "no JSON"}), status_code=400)
    instance_id = await client.start_new("process", client_input=order)
    return client.create_check_status_response(req, instance_id)


@bp.orchestration_trigger(context_name="context")
def process(context: df.DurableOrchestrationContext):
    order = context.get_input()
    valid = yield context.call_activity("validate", order)
    if not valid:
        return {"success": False, "reason": "no items"}
    retry = df.RetryOptions(5000, 3)
    try:
        yield context.call_activity_with_retry("pay", retry, order)
    except Exception:
        return {"success": False, "reason": "payment failed"}
    yield context.call_activity("ship", order["id"])
    return {"success": True, "id": order["id"]}


@bp.activity_trigger(input_name="order")
def validate(order: dict) -> bool:
    print("validating")
    return bool(order["items"])


@bp.activity_trigger(input_name="order")
def pay(order: dict) -> dict:
    return {"paid": order["total"]}


@bp.activity_trigger(input_name="order_id")
def ship(order_id: str) -> str:
    return "shipped " + order_id


app.register_functions(bp)
"""

NODE_ORDERS = """
const { app } = require('@azure/functions');
const df = require('durable-functions');
console.log("loaded: this line must not disturb the worker's answers");

app.http('start', {
    route: 'orders',
    methods: ['POST'],
    authLevel: 'function',
    extraInputs: [df.input.durableClient()],
    handler: async (request, context) => {
        let order;
        try {
            order = await request.json();
        } catch {
            return { status: 400, jsonBody: { error: 'no JSON' } };
        }
        const client = df.getClient(context);
        const instanceId = await client.startNew('process', { input: order });
        return client.createCheckStatusResponse(request, instanceId);
    },
});

df.app.orchestration('process', function* (context) {
    const order = context.df.getInput();
    const valid = yield context.df.callActivity('validate', order);
    if (!valid) {
        return { success: false, reason: 'no items' };
    }
    const retry = new df.RetryOptions(5000, 3);
    try {
        yield context.df.callActivityWithRetry('pay', retry, order);
    } catch {
        return { success: false, reason: 'payment failed' };
    }
    yield context.df.callActivity('ship', order.id);
    return { success: true, id: order.id };
});

df.app.activity('validate', {
    handler: (order) => {
        console.log('validating');
        return order.items.length > 0;
    },
});

df.app.activity('pay', { handler: (order) => ({ paid: order.total }) });

df.app.activity('ship', { handler: (orderId) => 'shipped ' + orderId });
"""

PYTHON_PATTERNS = """
import json
import os
import time
from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
seen = []


@app.route(route="orchestrators/{name}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client) -> func.HttpResponse:
    body = req.get_body()
    value = json.loads(body) if body else None
    instance_id = await client.start_new(
        req.route_params["name"], req.params.get("id"), client_input=value
    )
    return client.create_check_status_response(req, instance_id)


@app.route(route="instances/{instanceId}/approval", methods=["POST"])
@app.durable_client_input(client_name="client")
async def approve(req: func.HttpRequest, client) -> func.HttpResponse:
    instance_id = req.route_params["instanceId"]
    status = await client.get_status(instance_id)
    if not status:
        return func.HttpResponse(status_code=404)
    if status.runtime_status is not df.OrchestrationRuntimeStatus.Running:
        return func.HttpResponse(status_code=409)
    await client.raise_event(instance_id, "Approval", json.loads(req.get_body()))
    return func.HttpResponse(status_code=202)


@app.route(route="sales/{sku}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def sell(req: func.HttpRequest, client) -> func.HttpResponse:
    sku = df.EntityId("Sales", req.route_params["sku"])
    await client.signal_entity(sku, "add", json.loads(req.get_body()))
    return func.HttpResponse(status_code=202)


@app.route(route="sales/{sku}", methods=["GET"])
@app.durable_client_input(client_name="client")
async def read_sales(req: func.HttpRequest, client) -> func.HttpResponse:
    found = await client.read_entity_state(df.EntityId("Sales", req.route_params["sku"]))
    if not found.entity_exists:
        return func.HttpResponse(status_code=404)
    return func.HttpResponse(json.dumps(found.entity_state), mimetype="application/json")


@app.orchestration_trigger(context_name="context")
def chaining(context):
    context.set_custom_status("first")
    first = yield context.call_activity("echo", context.get_input())
    context.set_custom_status({"step": "second"})
    second = yield context.call_activity("echo", first)
    nothing = yield context.call_activity("echo")
    return [second, nothing]


@app.orchestration_trigger(context_name="context")
def gather(context):
    tasks = [context.call_activity("double", n) for n in context.get_input()]
    return sum((yield context.task_all(tasks)))


@app.orchestration_trigger(context_name="context")
def race(context):
    deadline = context.current_utc_datetime + timedelta(hours=72)
    timeout = context.create_timer(deadline)
    approval = context.wait_for_external_event("Approval")
    context.set_custom_status("waiting")
    winner = yield context.task_any([approval, timeout])
    if winner == timeout:
        return "timed out"
    if context.get_input() != "careless":
        timeout.cancel()
    data = approval.result
    return json.loads(data) if isinstance(data, str) else data


@app.orchestration_trigger(context_name="context")
def raw_event(context):
    return [(yield context.wait_for_external_event("Approval"))]


@app.orchestration_trigger(context_name="context")
def long_wait(context):
    begin = context.current_utc_datetime
    yield context.create_timer(begin + timedelta(days=10))
    yield context.call_activity("echo", "after")
    return (context.current_utc_datetime - begin).days


@app.orchestration_trigger(context_name="context")
def retried(context):
    try:
        return (yield context.call_activity_with_retry("flaky", df.RetryOptions(5000, 3), 1))
    except Exception as error:
        return "gave up" if "out of order" in str(error) else str(error)


@app.orchestration_trigger(context_name="context")
def mixed(context):
    results = yield context.task_all(
        [
            context.call_activity_with_retry("flaky", df.RetryOptions(5000, 3), 0),
            context.call_activity("double", 4),
            context.call_activity_with_retry("flaky", df.RetryOptions(1000, 3), 0),
        ]
    )
    last = yield context.call_activity("echo", "last")
    return [results, last]


@app.orchestration_trigger(context_name="context")
def parent(context):
    plain = yield context.call_sub_orchestrator("child", {"n": 1})
    named = yield context.call_sub_orchestrator("child", "text", context.instance_id + "-child")
    try:
        yield context.call_sub_orchestrator("child", None)
    except Exception as error:
        return [plain, named, "refused" in str(error)]


@app.orchestration_trigger(context_name="context")
def child(context):
    value = context.get_input()
    if value is None:
        raise ValueError("refused")
    return (yield context.call_activity("echo", value))


@app.orchestration_trigger(context_name="context")
def counter(context):
    state = context.get_input()
    context.set_custom_status("round " + str(state["round"]))
    yield context.create_timer(context.current_utc_datetime + timedelta(minutes=30))
    if state["round"] < 3:
        context.continue_as_new({"round": state["round"] + 1})
        return
    return state["round"]


@app.orchestration_trigger(context_name="context")
def keeper(context):
    so_far = context.get_input()
    if not so_far:
        context.set_custom_status("first generation")
    data = yield context.wait_for_external_event("Approval")
    so_far = so_far + [json.loads(data) if isinstance(data, str) else data]
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=1))
    if len(so_far) < 3:
        context.continue_as_new(so_far)
        return
    return so_far


@app.orchestration_trigger(context_name="context")
def tally(context):
    sku = df.EntityId("Sales", context.get_input())
    context.signal_entity(sku, "add", 2)
    context.signal_entity(sku, "add", 3)
    total = yield context.call_entity(sku, "get")
    try:
        yield context.call_entity(sku, "break")
    except Exception:
        return {"total": total, "failed": True}


@app.orchestration_trigger(context_name="context")
def stranger(context):
    yield context.call_activity("nobody", 1)


@app.orchestration_trigger(context_name="context")
def broken(context):
    yield context.call_activity("echo", 1)
    raise ValueError("broken on purpose")


@app.orchestration_trigger(context_name="context")
def changing(context):
    yield context.call_activity("double" if 1 in seen else "remember", 1)
    yield context.call_activity("echo", 1)


@app.orchestration_trigger(context_name="context")
def shrinking(context):
    if 2 in seen:
        return "nothing"
    yield context.call_activity("remember", 2)


@app.orchestration_trigger(context_name="context")
def endless(context):
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=1))
    context.continue_as_new(None)


@app.activity_trigger(input_name="value")
def echo(value):
    return value


@app.activity_trigger(input_name="value")
def double(value: int) -> int:
    return value * 2


@app.activity_trigger(input_name="value")
def flaky(value: int) -> str:
    if value:
        raise RuntimeError("out of order")
    return "fine"


@app.activity_trigger(input_name="value")
def remember(value: int) -> int:
    seen.append(value)
    return value


@app.activity_trigger(input_name="value")
def die(value) -> str:
    os.write(2, b"last words")
    os._exit(3)


@app.activity_trigger(input_name="value")
def sleep(value) -> str:
    time.sleep(60)


@app.entity_trigger(context_name="context", entity_name="Sales")
def Sales(context):
    total = context.get_state(lambda: 0)
    if context.operation_name == "add":
        context.set_state(total + context.get_input())
    elif context.operation_name == "get":
        context.set_result(total)
    else:
        raise ValueError("unknown operation")
"""

NODE_PATTERNS = """
const fs = require('fs');
const { app } = require('@azure/functions');
const df = require('durable-functions');

const seen = [];
const client = df.input.durableClient();
const later = (context, ms) => new Date(context.df.currentUtcDateTime.getTime() + ms);
const HOUR = 3600 * 1000;

app.http('start', {
    route: 'orchestrators/{name}',
    methods: ['POST'],
    authLevel: 'anonymous',
    extraInputs: [client],
    handler: async (request, context) => {
        const body = await request.text();
        const options = { input: body ? JSON.parse(body) : undefined };
        if (request.query.has('id')) {
            options.instanceId = request.query.get('id');
        }
        const durable = df.getClient(context);
        const instanceId = await durable.startNew(request.params.name, options);
        return durable.createCheckStatusResponse(request, instanceId);
    },
});

app.http('approve', {
    route: 'instances/{instanceId}/approval',
    methods: ['POST'],
    authLevel: 'anonymous',
    extraInputs: [client],
    handler: async (request, context) => {
        const durable = df.getClient(context);
        let status;
        try {
            status = await durable.getStatus(request.params.instanceId);
        } catch {
            return { status: 404 };
        }
        if (status.runtimeStatus !== df.OrchestrationRuntimeStatus.Running) {
            return { status: 409 };
        }
        await durable.raiseEvent(request.params.instanceId, 'Approval', await request.json());
        return { status: 202 };
    },
});

app.http('sell', {
    route: 'sales/{sku}',
    methods: ['POST'],
    authLevel: 'anonymous',
    extraInputs: [client],
    handler: async (request, context) => {
        const sku = new df.EntityId('Sales', request.params.sku);
        await df.getClient(context).signalEntity(sku, 'add', await request.json());
        return { status: 202 };
    },
});

app.http('read_sales', {
    route: 'sales/{sku}',
    methods: ['GET'],
    authLevel: 'anonymous',
    extraInputs: [client],
    handler: async (request, context) => {
        const sku = new df.EntityId('Sales', request.params.sku);
        const found = await df.getClient(context).readEntityState(sku);
        return found.entityExists ? { jsonBody: found.entityState } : { status: 404 };
    },
});

df.app.orchestration('chaining', function* (context) {
    context.df.setCustomStatus('first');
    const first = yield context.df.callActivity('echo', context.df.getInput());
    context.df.setCustomStatus({ step: 'second' });
    const second = yield context.df.callActivity('echo', first);
    const nothing = yield context.df.callActivity('echo');
    return [second, nothing];
});

df.app.orchestration('gather', function* (context) {
    const tasks = context.df.getInput().map((n) => context.df.callActivity('double', n));
    const results = yield context.df.Task.all(tasks);
    return results.reduce((sum, n) => sum + n, 0);
});

df.app.orchestration('race', function* (context) {
    const timeout = context.df.createTimer(later(context, 72 * HOUR));
    const approval = context.df.waitForExternalEvent('Approval');
    context.df.setCustomStatus('waiting');
    const winner = yield context.df.Task.any([approval, timeout]);
    if (winner === timeout) {
        return 'timed out';
    }
    if (context.df.getInput() !== 'careless') {
        timeout.cancel();
    }
    return approval.result;
});

df.app.orchestration('long_wait', function* (context) {
    const begin = context.df.currentUtcDateTime.getTime();
    yield context.df.createTimer(later(context, 240 * HOUR));
    yield context.df.callActivity('echo', 'after');
    return (context.df.currentUtcDateTime.getTime() - begin) / (24 * HOUR);
});

df.app.orchestration('retried', function* (context) {
    try {
        return yield context.df.callActivityWithRetry('flaky', new df.RetryOptions(5000, 3), 1);
    } catch (error) {
        return error.message.includes('out of order') ? 'gave up' : error.message;
    }
});

df.app.orchestration('mixed', function* (context) {
    const results = yield context.df.Task.all([
        context.df.callActivityWithRetry('flaky', new df.RetryOptions(5000, 3), 0),
        context.df.callActivity('double', 4),
        context.df.callActivityWithRetry('flaky', new df.RetryOptions(1000, 3), 0),
    ]);
    const last = yield context.df.callActivity('echo', 'last');
    return [results, last];
});

df.app.orchestration('parent', function* (context) {
    const plain = yield context.df.callSubOrchestrator('child', { n: 1 });
    const id = context.df.instanceId + '-child';
    const named = yield context.df.callSubOrchestrator('child', 'text', id);
    try {
        yield context.df.callSubOrchestrator('child');
    } catch (error) {
        return [plain, named, error.message.includes('refused')];
    }
});

df.app.orchestration('child', function* (context) {
    const value = context.df.getInput();
    if (value === undefined || value === null) {
        throw new Error('refused');
    }
    return yield context.df.callActivity('echo', value);
});

df.app.orchestration('counter', function* (context) {
    const { round } = context.df.getInput();
    context.df.setCustomStatus('round ' + round);
    yield context.df.createTimer(later(context, HOUR / 2));
    if (round < 3) {
        context.df.continueAsNew({ round: round + 1 });
        return;
    }
    return round;
});

df.app.orchestration('keeper', function* (context) {
    const soFar = context.df.getInput();
    if (soFar.length === 0) {
        context.df.setCustomStatus('first generation');
    }
    soFar.push(yield context.df.waitForExternalEvent('Approval'));
    yield context.df.createTimer(later(context, 1000));
    if (soFar.length < 3) {
        context.df.continueAsNew(soFar);
        return;
    }
    return soFar;
});

df.app.orchestration('tally', function* (context) {
    const sku = new df.EntityId('Sales', context.df.getInput());
    context.df.signalEntity(sku, 'add', 2);
    context.df.signalEntity(sku, 'add', 3);
    const total = yield context.df.callEntity(sku, 'get');
    try {
        yield context.df.callEntity(sku, 'break');
    } catch {
        return { total, failed: true };
    }
});

df.app.orchestration('stranger', function* (context) {
    yield context.df.callActivity('nobody', 1);
});

df.app.orchestration('broken', function* (context) {
    yield context.df.callActivity('echo', 1);
    throw new Error('broken on purpose');
});

df.app.orchestration('changing', function* (context) {
    yield context.df.callActivity(seen.includes(1) ? 'double' : 'remember', 1);
    yield context.df.callActivity('echo', 1);
});

df.app.orchestration('shrinking', function* (context) {
    if (seen.includes(2)) {
        return 'nothing';
    }
    yield context.df.callActivity('remember', 2);
});

df.app.orchestration('endless', function* (context) {
    yield context.df.createTimer(later(context, 1000));
    context.df.continueAsNew(null);
});

df.app.orchestration('cancelled_long_wait', function* (context) {
    const timeout = context.df.createTimer(later(context, 240 * HOUR));
    const approval = context.df.waitForExternalEvent('Approval');
    yield context.df.Task.any([approval, timeout]);
    timeout.cancel();
    return approval.result;
});

df.app.orchestration('growing', function* (context) {
    const options = new df.RetryOptions(1000, 4);
    options.backoffCoefficient = 2;
    options.maxRetryIntervalInMilliseconds = 3000;
    try {
        yield context.df.callActivityWithRetry('flaky', options, 1);
    } catch {
        return 'gave up';
    }
});

df.app.activity('echo', { handler: (value) => value });
df.app.activity('double', { handler: (value) => value * 2 });
df.app.activity('flaky', {
    handler: (value) => {
        if (value) {
            throw new Error('out of order');
        }
        return 'fine';
    },
});
df.app.activity('remember', {
    handler: (value) => {
        seen.push(value);
        return value;
    },
});
df.app.activity('die', {
    handler: () => {
        fs.writeSync(2, 'last words');
        process.exit(3);
    },
});
df.app.activity('sleep', { handler: () => new Promise((r) => setTimeout(r, 60000)) });

df.app.entity('Sales', (context) => {
    const total = context.df.getState(() => 0);
    if (context.df.operationName === 'add') {
        context.df.setState(total + context.df.getInput());
    } else if (context.df.operationName === 'get') {
        context.df.return(total);
    } else {
        throw new Error('unknown operation');
    }
});
"""


def write_python_app(folder: Path, source: str) -> Path:
    """Write an app of one file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "host.json").write_text(json.dumps(HOST_JSON), "utf-8")
    (folder / "function_app.py").write_text(source, "utf-8")
    return folder


def write_node_app(
    folder: Path, source: str, main: str = "functions/*.js", suffix: str = ".js"
) -> Path:
    """Write an app of one file; a folder above must hold the `node_modules` with the SDKs."""
    (folder / "functions").mkdir(parents=True, exist_ok=True)
    (folder / "host.json").write_text(json.dumps(HOST_JSON), "utf-8")
    (folder / "package.json").write_text(json.dumps({"name": "app", "main": main}), "utf-8")
    (folder / "functions" / f"app{suffix}").write_text(source, "utf-8")
    return folder
