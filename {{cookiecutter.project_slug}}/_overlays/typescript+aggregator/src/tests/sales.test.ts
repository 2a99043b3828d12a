import * as df from 'durable-functions';
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BINDINGS, CONTRACT, FUNCTIONS } from './app';
import { extension, received, send } from './host';

const SALES = 'GET /entities/sales/A-1';

/** What an entity returns to the host. */
interface EntityResult {
  entityExists: boolean;
  entityState: string;
  results: { isError: boolean }[];
}

/** Let the SDK process operations of an entity, as the host does. */
async function runEntity(operations: [name: string, input: number][], state?: number) {
  const request = {
    self: { name: 'sales', key: 'A-1' },
    exists: state !== undefined,
    state: JSON.stringify(state),
    batch: operations.map(([name, input]) => ({ name, input: JSON.stringify(input) })),
  };
  return (await FUNCTIONS.sales(request, new df.DummyEntityContext())) as EntityResult;
}

test('the first order creates the entity', async () => {
  const { entityExists, entityState } = await runEntity([['add', 2]]);

  assert.ok(entityExists);
  assert.equal(entityState, '2');
});

test('orders add up', async () => {
  const operations: [string, number][] = [
    ['add', 2],
    ['add', 5],
  ];
  const { entityState } = await runEntity(operations, 10);

  assert.equal(entityState, '17');
});

test('an unknown operation is an error and changes nothing', async () => {
  const { results, entityState } = await runEntity([['remove', 2]], 10);

  assert.ok(results[0].isError);
  assert.equal(entityState, '10');
});

function getSales(sku: string): ReturnType<typeof send> {
  return send('getSales', undefined, { sku });
}

test('the endpoint is a GET that needs a key', () => {
  const [{ route, methods, authLevel }] = BINDINGS.getSales;

  assert.deepEqual(
    { route, methods, authLevel },
    { route: 'sales/{sku}', methods: ['GET'], authLevel: 'function' },
  );
});

test('the sales of a SKU', async () => {
  extension.set(SALES, { status: 200, body: 17 });

  const response = await getSales('A-1');

  assert.equal(response.status, 200);
  assert.equal(response.headers.get('Content-Type'), 'application/json');
  assert.deepEqual(await response.json(), { sku: 'A-1', quantity: 17 });
});

test('a SKU without sales is not found', async () => {
  const response = await getSales('A-1');

  assert.equal(response.status, 404);
  assert.deepEqual(await response.json(), { error: 'no sales of this SKU' });
  assert.deepEqual(received, [[SALES]]);
});

for (const { name, sku, error } of CONTRACT.rejectedSkus) {
  test(`a malformed SKU is refused: ${name}`, async () => {
    const response = await getSales(sku);

    assert.equal(response.status, 400);
    assert.deepEqual(await response.json(), { error });
    assert.deepEqual(received, []);
  });
}

test('a failure of the host is not the fault of the caller', async () => {
  extension.set(SALES, { status: 500 });

  await assert.rejects(getSales('A-1'), /status code: 500/);
});
