/**
 * How an orchestrator treats versions: new orchestrations take a new step, older ones do not.
 * docs/change.md explains when to do so.
 */

import * as df from 'durable-functions';
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DEFAULT_VERSION, FUNCTIONS } from './app';
import { Replay } from './replay';

// It records an order before it is shipped, which version 1.0 did not do.
df.app.orchestration('versioned', function* (context) {
  if (context.df.version !== '1.0') {
    yield context.df.callActivity('record');
  }
  yield context.df.callActivity('ship');
  return 'shipped';
});

df.app.orchestration('eternal', function* (context) {
  yield context.df.callActivity(String(context.df.version));
  context.df.continueAsNew('again');
});

const PATHS = { '1.0': ['ship'], '2.0': ['record', 'ship'] };

for (const [version, steps] of Object.entries(PATHS)) {
  test(`version ${version} has its path`, async () => {
    const run = await Replay.start(FUNCTIONS.versioned, undefined, version);

    for (const activity of steps) {
      assert.deepEqual(run.waitsFor, [{ activity, input: null }]);
      await run.complete();
    }
    assert.equal(run.output, 'shipped');
  });
}

test('the next generation keeps the version', async () => {
  const run = await Replay.start(FUNCTIONS.eternal, 'first', '1.5');

  await run.complete();
  await run.startNextGeneration();

  assert.deepEqual(run.waitsFor, [{ activity: '1.5', input: null }]);
});

test('a new orchestration has the version in host.json', async () => {
  const run = await Replay.start(FUNCTIONS.eternal);

  assert.match(DEFAULT_VERSION, /^\d+\.\d+$/);
  assert.deepEqual(run.waitsFor, [{ activity: DEFAULT_VERSION, input: null }]);
});
