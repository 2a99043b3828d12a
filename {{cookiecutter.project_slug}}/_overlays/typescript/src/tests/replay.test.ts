/** What the replay helper finds in orchestrators. */

import * as df from 'durable-functions';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { FUNCTIONS } from './app';
import { Replay } from './replay';

const CHANGED = { name: 'NonDeterministicOrchestratorError' };

/** Start an orchestrator that is not part of the app. */
function start(orchestrator: df.OrchestrationHandler): Promise<Replay> {
  df.app.orchestration('sample', orchestrator);
  return Replay.start(FUNCTIONS.sample);
}

test('a clock is found', async () => {
  const run = start(function* (context) {
    yield context.df.callActivity('record', Date.now());
  });

  await assert.rejects(run, CHANGED);
});

test('a random id is found', async () => {
  const run = start(function* (context) {
    yield context.df.callActivity('record', randomUUID());
  });

  await assert.rejects(run, CHANGED);
});

test('a branch on the date is found', async () => {
  const run = await start(function* (context) {
    yield context.df.callActivity('first');
    yield context.df.callActivity(new Date().getFullYear() % 2 ? 'odd' : 'even');
  });

  await assert.rejects(run.complete(), CHANGED);
});

test('a task that is not yielded is found', async () => {
  // eslint-disable-next-line require-yield -- the defect
  const run = await start(function* (context) {
    context.df.callActivity('record');
  });

  assert.throws(() => run.output, /of \[ 'record' \], the host sees only \[\]/);
});

test('a timer that is not cancelled is found', async () => {
  const run = await start(function* (context) {
    const timer = context.df.createTimer(new Date('2024-01-02T00:00:00Z'));
    yield context.df.Task.any([timer, context.df.waitForExternalEvent('Approval')]);
  });

  await run.raiseEvent('Approval');

  assert.throws(() => run.output, /open is \[ \{ timer: 2024-01-02T00:00:00\.000Z \} \]/);
});

test('an orchestration without end is found', async () => {
  const run = await start(function* (context) {
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1));
    context.df.continueAsNew('again');
  });

  await assert.rejects(run.run(FUNCTIONS), /has not ended/);
});
