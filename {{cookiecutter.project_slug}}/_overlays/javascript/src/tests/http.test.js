'use strict';

/** @import { HttpResponseInit } from '@azure/functions' */
/** @import { DurableClient } from 'durable-functions' */

const { HttpRequest, HttpResponse, InvocationContext } = require('@azure/functions');
const df = require('durable-functions');
const assert = require('node:assert/strict');
const { beforeEach, mock, test } = require('node:test');

const { BINDINGS, CONTRACT, FUNCTIONS, REJECTED } = require('./app');

const ORDER = /** @type {{ items: object[] }} */ (CONTRACT.completed[0].body);

// What the host passes to a durable client: where it listens, and the URLs of an instance.
const HOST = {
  taskHubName: 'default',
  creationUrls: {},
  managementUrls: {
    id: 'INSTANCE',
    statusQueryGetUri: 'http://localhost:7071/instances/INSTANCE',
    sendEventPostUri: 'http://localhost:7071/instances/INSTANCE/raiseEvent/{eventName}',
    terminatePostUri: 'http://localhost:7071/instances/INSTANCE/terminate',
  },
  rpcBaseUrl: 'http://localhost:7071/',
};

const context = contextOf('startOrder');

// The starter uses the SDK's own client; only the call that leaves the process is replaced.
/** @type {DurableClient} */
const client = Object.getPrototypeOf(df.getClient(context));
const startNew = mock.method(client, 'startNew', () => Promise.resolve('instance-1'));

beforeEach(() => {
  startNew.mock.resetCalls();
});

/** @param {string} starter */
function contextOf(starter) {
  const extraInputs = BINDINGS[starter].filter(({ type }) => type === 'durableClient');
  const context = new InvocationContext({ options: { extraInputs } });
  context.extraInputs.set(extraInputs[0], HOST);
  return context;
}

/** @param {string | Uint8Array} body */
async function post(body) {
  const request = new HttpRequest({
    method: 'POST',
    url: 'http://localhost:7071/api/orders',
    body: { bytes: Buffer.from(body) },
  });
  const response = await FUNCTIONS.startOrder(request, context);
  return response instanceof HttpResponse
    ? response
    : new HttpResponse(/** @type {HttpResponseInit} */ (response));
}

function started() {
  return startNew.mock.calls.map((call) => call.arguments);
}

test('a good order is started', async () => {
  const response = await post(JSON.stringify(ORDER));

  assert.deepEqual(started(), [['processOrder', { input: ORDER }]]);
  assert.equal(response.status, 202);
  assert.equal(response.headers.get('Retry-After'), '10');
  assert.equal(response.headers.get('Location'), 'http://localhost:7071/instances/instance-1');
  const urls = /** @type {Record<string, string>} */ (await response.json());
  assert.equal(urls.id, 'instance-1');
  assert.equal(urls.statusQueryGetUri, response.headers.get('Location'));
  assert.match(urls.sendEventPostUri, /\/instances\/instance-1\/raiseEvent\/\{eventName\}$/);
  assert.match(urls.terminatePostUri, /\/instances\/instance-1\/terminate$/);
});

test('a byte order mark is ignored', async () => {
  const response = await post(`\ufeff${JSON.stringify(ORDER)}`);

  assert.equal(response.status, 202);
});

test('unknown fields do not reach the workflow', async () => {
  const item = { ...ORDER.items[0], color: 'red' };

  await post(JSON.stringify({ ...ORDER, items: [item], note: 'gift' }));

  assert.deepEqual(started(), [['processOrder', { input: ORDER }]]);
});

test('a failure to start is not the fault of the caller', async () => {
  startNew.mock.mockImplementationOnce(() => Promise.reject(new Error('no task hub')));

  await assert.rejects(post(JSON.stringify(ORDER)), { message: 'no task hub' });
});

/**
 * @param {string | Uint8Array} body
 * @param {string} error
 */
async function checkRefused(body, error) {
  const response = await post(body);

  assert.equal(response.status, 400);
  assert.equal(response.headers.get('Content-Type'), 'application/json');
  assert.deepEqual(await response.json(), { error });
  assert.deepEqual(started(), []);
}

for (const { name, text, body, error } of REJECTED) {
  test(`a malformed order is refused: ${name}`, async () => {
    await checkRefused(text ?? JSON.stringify(body), error);
  });
}

test('a body that is not UTF-8 is refused', async () => {
  await checkRefused(Buffer.from('{"id": "\xff"}', 'latin1'), 'body is not valid JSON');
});

test('a body that is nested too deeply is refused', async () => {
  await checkRefused('['.repeat(100_000), 'body is not valid JSON');
});
