import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { ACCEPTED, CONTRACT, REJECTED } from './app';
import { extension, logs, received, send } from './host';

const ORDER = CONTRACT.completed[0].body;
const START = 'POST /orchestrators/processOrder';

beforeEach(() => {
  extension.set(START, { status: 202, body: { id: 'instance-1' } });
});

test('a good order is started', async () => {
  const response = await send('startOrder', JSON.stringify(ORDER));

  assert.deepEqual(received, [[START, ORDER]]);
  assert.deepEqual(logs, ['Started instance instance-1 for order order-1001']);
  assert.equal(response.status, 202);
  assert.equal(response.headers.get('Retry-After'), '10');
  assert.equal(response.headers.get('Location'), 'http://localhost:7071/instances/instance-1');
  const urls = (await response.json()) as Record<string, string>;
  assert.equal(urls.id, 'instance-1');
  assert.equal(urls.statusQueryGetUri, response.headers.get('Location'));
  assert.match(urls.sendEventPostUri, /\/instances\/instance-1\/raiseEvent\/\{eventName\}$/);
  assert.match(urls.terminatePostUri, /\/instances\/instance-1\/terminate$/);
});

for (const { name, text, body, order } of ACCEPTED) {
  test(`a well-formed order is started: ${name}`, async () => {
    const response = await send('startOrder', text ?? JSON.stringify(body));

    assert.equal(response.status, 202);
    assert.deepEqual(received, [[START, order]]);
  });
}

test('a failure to start is not the fault of the caller', async () => {
  extension.set(START, { status: 500 });

  await assert.rejects(send('startOrder', JSON.stringify(ORDER)), /status code: 500/);
});

async function checkRefused(body: string | Uint8Array, error: string): Promise<void> {
  const response = await send('startOrder', body);

  assert.equal(response.status, 400);
  assert.equal(response.headers.get('Content-Type'), 'application/json');
  assert.deepEqual(await response.json(), { error });
  assert.deepEqual(received, []);
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
