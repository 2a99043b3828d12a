'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { BINDINGS, CONTRACT } = require('./app');
const { extension, received, send } = require('./host');

const APPROVAL = { approved: true, approver: 'ann' };
const BODY = JSON.stringify(APPROVAL);
const STATUS = 'GET /instances/instance-1';
const EVENT = 'POST /instances/instance-1/raiseEvent/Approval';

/**
 * Give the extension an instance with this status, which takes events.
 *
 * @param {string} runtimeStatus
 */
function setStatus(runtimeStatus) {
  const time = '2024-01-01T00:00:00Z';
  const instance = { name: 'processOrder', instanceId: 'instance-1', input: null, output: null };
  const body = { ...instance, createdTime: time, lastUpdatedTime: time, runtimeStatus };
  extension.set(STATUS, { status: 202, body });
  extension.set(EVENT, { status: 202 });
}

/**
 * @param {string} body
 * @param {string} instanceId
 */
function approve(body, instanceId = 'instance-1') {
  return send('approveOrder', body, { instanceId });
}

test('the endpoint is a POST that needs a key', () => {
  const [{ route, methods, authLevel }] = BINDINGS.approveOrder;

  assert.deepEqual(
    { route, methods, authLevel },
    { route: 'orders/{instanceId}/approval', methods: ['POST'], authLevel: 'function' },
  );
});

for (const approved of [true, false]) {
  test(`an approval reaches the workflow: ${approved}`, async () => {
    setStatus('Running');
    const approval = { ...APPROVAL, approved };

    const response = await approve(JSON.stringify({ ...approval, note: 'dropped' }));

    assert.equal(response.status, 202);
    assert.equal(await response.text(), '');
    assert.deepEqual(received, [[STATUS], [EVENT, approval]]);
  });
}

for (const { name, text, body, error } of CONTRACT.rejectedApprovals) {
  test(`a malformed approval is refused: ${name}`, async () => {
    const response = await approve(text ?? JSON.stringify(body));

    assert.equal(response.status, 400);
    assert.deepEqual(await response.json(), { error });
    assert.deepEqual(received, []);
  });
}

test('an unknown instance is not found', async () => {
  const response = await approve(BODY);

  assert.equal(response.status, 404);
  assert.deepEqual(await response.json(), { error: 'no order workflow has this id' });
  assert.deepEqual(received, [[STATUS]]);
});

for (const ended of ['Completed', 'Failed', 'Terminated', 'Canceled']) {
  test(`a workflow that has ended is a conflict: ${ended}`, async () => {
    setStatus(ended);

    const response = await approve(BODY);

    assert.equal(response.status, 409);
    assert.deepEqual(await response.json(), { error: 'the order workflow has ended' });
    assert.deepEqual(received, [[STATUS]]);
  });
}

test('a workflow that ends meanwhile is not an error', async () => {
  setStatus('Running');
  extension.set(EVENT, { status: 410 });

  const response = await approve(BODY);

  assert.equal(response.status, 202);
});

test('a failure of the host is not the fault of the caller', async () => {
  extension.set(STATUS, { status: 500 });
  await assert.rejects(approve(BODY), /status code: 500/);

  setStatus('Running');
  extension.set(EVENT, { status: 500 });
  await assert.rejects(approve(BODY), /status code: 500/);
});

test('an id cannot lead to another URL', async () => {
  const response = await approve(BODY, 'a/b?c');

  assert.equal(response.status, 404);
  assert.deepEqual(received, [['GET /instances/a%2Fb%3Fc']]);
});
