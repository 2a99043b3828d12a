'use strict';

/** The replay helper finds orchestrators that are not deterministic. */

/** @import { OrchestrationContext } from 'durable-functions' */

const assert = require('node:assert/strict');
const { randomUUID } = require('node:crypto');
const { test } = require('node:test');

const { Replay } = require('./replay');

/** @param {number} step */
function nonDeterministicAt(step) {
  return { name: 'NonDeterministicOrchestratorError', message: new RegExp(`^step ${step} was`) };
}

/** @type {Record<string, () => unknown>} */
const CHANGING = {
  clock: () => Date.now(),
  calendar: () => new Date().toDateString(),
  uuid: () => randomUUID(),
  random: () => Math.random(),
};

for (const [name, value] of Object.entries(CHANGING)) {
  test(`an input that changes is found: ${name}`, () => {
    /** @param {OrchestrationContext} context */
    function* orchestrator(context) {
      yield context.df.callActivity('record', value());
    }

    assert.throws(() => new Replay(orchestrator), nonDeterministicAt(1));
  });
}

test('a branch on the clock is found', () => {
  /** @param {OrchestrationContext} context */
  function* orchestrator(context) {
    yield context.df.callActivity('first');
    yield context.df.callActivity(new Date().getFullYear() % 2 ? 'odd' : 'even');
  }

  const run = new Replay(orchestrator);
  assert.throws(() => run.complete(), nonDeterministicAt(2));
});

test('an output that changes is found', () => {
  /** @param {OrchestrationContext} context */
  function* orchestrator(context) {
    yield context.df.callActivity('first');
    return Date.now();
  }

  const run = new Replay(orchestrator);
  assert.throws(() => run.complete(), nonDeterministicAt(2));
});

test('a changed past is found', () => {
  const names = ['first', 'first', 'other', 'other'];

  /** @param {OrchestrationContext} context */
  function* orchestrator(context) {
    yield context.df.callActivity(names.shift() ?? 'none');
    yield context.df.callActivity('second');
  }

  const run = new Replay(orchestrator);
  assert.throws(() => run.complete(), nonDeterministicAt(1));
});

test('a step that is missing when replayed is found', () => {
  const ends = [false, false, true, true];

  /** @param {OrchestrationContext} context */
  function* orchestrator(context) {
    if (ends.shift()) {
      return;
    }
    yield context.df.callActivity('first');
    yield context.df.callActivity('second');
  }

  const run = new Replay(orchestrator);
  assert.throws(() => run.complete(), nonDeterministicAt(1));
});

/** @type {Record<string, unknown>} */
const NOT_JSON = {
  'a date': { at: new Date(0) },
  'a map': new Map([['key', 'value']]),
  'an undefined field': { note: undefined },
  'a function': () => 'value',
  'not a number': NaN,
  'a big integer': 1n,
};

for (const [name, value] of Object.entries(NOT_JSON)) {
  test(`a value that JSON does not hold is found: ${name}`, () => {
    /** @param {OrchestrationContext} context */
    function* orchestrator(context) {
      yield context.df.callActivity('record', value);
    }

    assert.throws(() => new Replay(orchestrator), /JSON turns|serialize a BigInt/);
  });
}

test('the time and the guids of the context are deterministic', () => {
  /** @param {OrchestrationContext} context */
  function* orchestrator(context) {
    yield context.df.callActivity('first', context.df.currentUtcDateTime.toISOString());
    return [context.df.newGuid('first'), context.df.newGuid('second')];
  }

  const run = new Replay(orchestrator);
  run.complete();

  const [first, second] = /** @type {string[]} */ (run.output);
  assert.notEqual(first, second);
});

test('what the helper does not know is named', () => {
  /** @param {OrchestrationContext} context */
  function* orchestrator(context) {
    yield context.df.waitForExternalEvent('Approval');
  }

  assert.throws(
    () => new Replay(orchestrator),
    /does not know context\.df\.waitForExternalEvent yet/,
  );
});
