'use strict';

/**
 * The replay helper of TypeScript and JavaScript: what it finds, and that it drives the SDK as the
 * host does. A test of this repository runs this file in a generated project of each language.
 */

const df = require('durable-functions');
const assert = require('node:assert/strict');
const { randomUUID } = require('node:crypto');
const { test } = require('node:test');

const { FUNCTIONS } = require('./app');
const { Replay, START } = require('./replay');

const RETRY = new df.RetryOptions(5_000, 3);
const MINUTE = 60_000;

const first = df.app.activity('first', { handler: () => 'one' });
const second = df.app.activity('second', { handler: () => 'two' });

function start(orchestrator, input) {
  df.app.orchestration('sample', orchestrator);
  return Replay.start(FUNCTIONS.sample, input);
}

function changed(message) {
  return { name: 'NonDeterministicOrchestratorError', message };
}

function later(minutes) {
  return new Date(START.getTime() + minutes * MINUTE);
}

const VALUES = {
  clock: () => Date.now(),
  calendar: () => new Date().toDateString(),
  weekday: () => new Date().getDay(),
  uuid: () => randomUUID(),
  random: () => Math.random(),
};

const USES = {
  'an input': (value) => [
    function* (context) {
      yield context.df.callActivity('record', value());
    },
    /^step 1 was/,
  ],
  'the input of a registered activity': (value) => [
    function* () {
      yield first(value()).withRetry(RETRY);
    },
    /^step 1 was/,
  ],
  'a signal': (value) => [
    function* (context) {
      context.df.signalEntity(new df.EntityId('counter', 'a'), 'add', value());
    },
    /^step 1 was/,
  ],
  'the next input': (value) => [
    function* (context) {
      context.df.continueAsNew(value());
    },
    /^step 1 was/,
  ],
  'the name of an event': (value) => [
    function* (context) {
      yield context.df.waitForExternalEvent(String(value()));
    },
    /^step 1 was/,
  ],
  'the custom status': (value) => [
    function* (context) {
      context.df.setCustomStatus({ value: value() });
      yield first();
    },
    /^the custom status was/,
  ],
  'the output': (value) => [
    function* () {
      return value();
    },
    /^the output was/,
  ],
};

for (const [use, orchestratorWith] of Object.entries(USES)) {
  for (const [name, value] of Object.entries(VALUES)) {
    test(`a value that changes in ${use} is found: ${name}`, async () => {
      const [orchestrator, message] = orchestratorWith(value);

      await assert.rejects(start(orchestrator), changed(message));
    });
  }
}

test('a timer that depends on the clock is found', async () => {
  const run = start(function* (context) {
    yield context.df.createTimer(new Date(Date.now() + MINUTE));
  });

  await assert.rejects(run, changed(/^step 1 was \{ timer:/));
});

test('a branch on the clock is found', async () => {
  const run = await start(function* () {
    yield first();
    yield new Date().getFullYear() % 2 ? first() : second();
  });

  await assert.rejects(run.complete(), changed(/^step 2 was/));
});

test('a cancellation that depends on the clock is found', async () => {
  const run = start(function* (context) {
    const timer = context.df.createTimer(later(1));
    if (new Date().getFullYear() % 2) {
      timer.cancel();
    }
    yield timer;
  });

  await assert.rejects(run, changed(/^the cancelled timers was/));
});

test('an order of parallel calls that changes is found', async () => {
  const calls = [first, second];
  const run = start(function* (context) {
    calls.reverse();
    yield context.df.Task.all(calls.map((call) => call()));
  });

  await assert.rejects(run, changed(/^step 1 was/));
});

test('a past that changes with an event is found', async () => {
  let runs = 0;
  const run = await start(function* () {
    runs += 1;
    yield runs <= 2 ? first() : second();
    yield first();
  });

  await assert.rejects(run.complete(), changed(/^step 1 was/));
});

test('a step that is missing in a replay is found', async () => {
  let runs = 0;
  const run = await start(function* () {
    runs += 1;
    if (runs <= 2) {
      yield first();
    }
  });

  await assert.rejects(run.complete(), changed(/^step 1 was .* is undefined/));
});

test('a step that only one of two runs takes is found', async () => {
  let runs = 0;
  const run = start(function* () {
    runs += 1;
    if (runs % 2 === 0) {
      yield first();
    }
  });

  await assert.rejects(run, changed(/^the number of steps was 0/));
});

const TASKS = {
  'a registered activity': () => first(),
  'a registered activity with retry': () => first().withRetry(RETRY),
  'an activity': (context) => context.df.callActivity('first'),
  'an activity with retry': (context) => context.df.callActivityWithRetry('first', RETRY),
  'a timer': (context) => context.df.createTimer(later(1)),
  'an event': (context) => context.df.waitForExternalEvent('Approval'),
};

for (const [name, create] of Object.entries(TASKS)) {
  test(`a forgotten yield is found: ${name}`, async () => {
    const run = await start(function* (context) {
      yield second();
      create(context);
    });

    await run.complete();

    assert.throws(() => run.output, /yield each task/);
  });
}

test('a yield that one of two equal calls forgets is found', async () => {
  const run = await start(function* () {
    first();
    yield first();
  });

  await run.complete();

  assert.throws(() => run.output, /yield each task: of \[ 'first', 'first' \]/);
});

test('a forgotten yield before a new generation is found', async () => {
  const run = await start(function* (context) {
    first();
    context.df.continueAsNew('next');
  });

  await assert.rejects(run.startNextGeneration(), /yield each task/);
});

test('a timer that is open at the end is found', async () => {
  const run = await start(function* (context) {
    const timer = context.df.createTimer(later(1));
    yield context.df.Task.any([timer, first()]);
  });

  await run.complete();

  assert.throws(() => run.output, /open is \[ \{ timer: 2024-01-01T00:01:00\.000Z \} \]/);
  await assert.rejects(run.run(FUNCTIONS), /cancel timers/);
});

test('an activity that is open at the end is found', async () => {
  const run = await start(function* (context) {
    yield context.df.Task.any([first(), second()]);
  });

  await run.complete('one', { activity: 'first', input: null });

  assert.throws(() => run.output, /open is \[ \{ activity: 'second', input: null \} \]/);
});

test('a timer that is cancelled is not open', async () => {
  const run = await start(function* (context) {
    const timer = context.df.createTimer(later(1));
    yield context.df.Task.any([timer, first()]);
    timer.cancel();
    return 'done';
  });

  assert.equal(run.waitsFor.length, 2);
  await run.complete();

  assert.deepEqual(run.waitsFor, []);
  assert.equal(run.output, 'done');
});

test('an orchestration that waits has no output', async () => {
  const run = await start(function* () {
    yield first();
  });

  assert.throws(() => run.output, /the orchestration waits for \[ \{ activity: 'first'/);
});

test('a loop in one generation without end is found', async () => {
  const run = await start(function* () {
    for (;;) {
      yield first();
    }
  });

  await assert.rejects(run.run(FUNCTIONS), /has not ended after 1000 steps/);
});

test('generations without end are found', async () => {
  const run = await start(function* (context) {
    yield first();
    context.df.continueAsNew('again');
  });

  await assert.rejects(run.run(FUNCTIONS), /has not ended after 1000 steps/);
});

test('an orchestration that waits for an event only has no end', async () => {
  const run = await start(function* (context) {
    yield context.df.waitForExternalEvent('Approval');
  });

  await assert.rejects(run.run(FUNCTIONS), /no timer is open, but \[ \{ event: 'Approval' \} \]/);
});

const NOT_JSON = {
  'a date': { at: new Date(0) },
  'a map': new Map([['key', 'value']]),
  'an undefined field': { note: undefined },
  'a function': () => 'value',
  'not a number': NaN,
  'a big integer': 1n,
};

for (const [name, value] of Object.entries(NOT_JSON)) {
  test(`a value that JSON does not hold is found: ${name}`, async () => {
    const message = /JSON turns|serialize a BigInt/;
    const output = start(function* () {
      return value;
    });
    await assert.rejects(output, message);

    const run = await start(function* () {
      yield first();
    });
    await assert.rejects(run.complete(value), message);
    await assert.rejects(
      start(() => undefined, value),
      message,
    );
  });
}

test('time and guids of the context are deterministic', async () => {
  const run = await start(function* (context) {
    yield first(context.df.currentUtcDateTime.toISOString());
    return [context.df.newGuid('a'), context.df.newGuid('b')];
  });
  await run.complete();

  const [one, other] = run.output;
  assert.notEqual(one, other);
});

test('an orchestrator cannot change the past', async () => {
  const run = await start(
    function* (context) {
      const input = context.df.getInput();
      input.count += 1;
      yield context.df.createTimer(later(1));
      const time = context.df.currentUtcDateTime.toISOString();
      context.df.currentUtcDateTime.setFullYear(2030);
      return [input.count, time];
    },
    { count: 0 },
  );
  await run.fireTimer();

  assert.deepEqual(run.output, [1, later(1).toISOString()]);
});

test('an error of the orchestrator keeps its stack', async () => {
  const run = start(function* brokenOrchestrator() {
    throw new TypeError('broken');
  });

  await assert.rejects(run, (error) => {
    assert.equal(error.name, 'TypeError');
    assert.match(error.stack ?? '', /brokenOrchestrator/);
    return true;
  });
});

test('an error of the SDK is shown without the state behind it', async () => {
  const run = start(function* () {
    yield 'no task';
  });

  await assert.rejects(run, (error) => {
    assert.match(error.message, /^Durable Functions programming constraint violation/);
    assert.doesNotMatch(error.message, /OutOfProcData/);
    return true;
  });
});

test('an action that the helper does not know is named', async () => {
  const run = start(function* (context) {
    yield context.df.callSubOrchestrator('other');
  });

  await assert.rejects(run, /does not know this action yet: .*'other'/s);
});

test('a task of two compound tasks is refused', async () => {
  const run = await start(function* (context) {
    const tasks = [first(), second()];
    yield context.df.Task.any(tasks);
    yield context.df.Task.all(tasks);
  });

  await assert.rejects(
    run.complete(null, { activity: 'first', input: null }),
    /two compound tasks share a task/,
  );
});

test('inputs reach activities as they are', async () => {
  for (const input of ['text', '"quoted"', 7, 0, true, null, [1], { a: 'b' }]) {
    const run = await start(function* () {
      yield first(input);
    });

    assert.deepEqual(run.waitsFor, [{ activity: 'first', input }]);
  }
});

test('results reach the orchestrator as they are', async () => {
  for (const result of ['text', '"quoted"', 7, 0, true, null, [1], { a: 'b' }]) {
    const run = await start(function* () {
      return yield first();
    });
    await run.complete(result);

    assert.deepEqual(run.output, result);
  }
});

test('parallel activities complete in any order', async () => {
  const run = await start(function* (context) {
    return yield context.df.Task.all([first(1), second(2), first(3)]);
  });
  const [one, two, three] = run.waitsFor;

  await run.complete('c', three);
  await run.complete('a', one);
  assert.deepEqual(run.waitsFor, [two]);
  await run.complete('b', two);

  assert.deepEqual(run.output, ['a', 'b', 'c']);
});

test('an activity must be named when several are open', async () => {
  const run = await start(function* (context) {
    yield context.df.Task.all([first(1), first(2)]);
  });

  await assert.rejects(run.complete(), /one of these activities/);
  await assert.rejects(run.fail(), /one of these activities/);
  await assert.rejects(run.complete(null, { activity: 'first', input: 3 }), /one of these/);
});

test('equal activities are completed one after the other', async () => {
  const run = await start(function* (context) {
    return yield context.df.Task.all([first(), first()]);
  });
  const [call] = run.waitsFor;

  await run.complete('a', call);
  await run.complete('b', call);

  assert.deepEqual(run.output, ['a', 'b']);
});

test('attempts of parallel activities, signals and timers have the ids that the SDK expects', async () => {
  const run = await start(function* (context) {
    const reservations = [1, 2, 3].map((input) => first(input).withRetry(RETRY));
    const results = yield context.df.Task.all(reservations);
    context.df.signalEntity(new df.EntityId('counter', 'a'), 'add', 1);
    yield context.df.createTimer(later(10));
    yield second().withRetry(RETRY);
    return results;
  });
  const [one, two, three] = run.waitsFor;

  await run.fail('busy', two);
  await run.fail('busy', one);
  await run.complete('c', three);
  await run.fail('busy', two);
  await run.complete('b', two);
  assert.deepEqual(run.waitsFor, [one]);
  await run.complete('a', one);
  await run.fireTimer();
  await run.fail();
  await run.complete();

  assert.deepEqual(run.output, ['a', 'b', 'c']);
});

test('the last attempt decides, and pauses take time', async () => {
  const run = await start(function* (context) {
    try {
      yield first().withRetry(RETRY);
      return 'done';
    } catch (error) {
      return [error.message, context.df.currentUtcDateTime.toISOString()];
    }
  });

  for (let attempt = 1; attempt <= 3; attempt++) {
    assert.equal(run.waitsFor.length, 1);
    await run.fail(`failure ${attempt}`);
  }

  assert.deepEqual(run.now, new Date(START.getTime() + 10_000));
  const [message, time] = run.output;
  assert.match(message, /failure 3/);
  assert.equal(time, run.now.toISOString());
});

test('an activity without retry fails at once', async () => {
  const run = await start(function* () {
    yield first();
  });

  await assert.rejects(run.fail('broken'), /Activity function 'first' failed: broken/);
});

test('timers fire in the order of their times, and move the clock', async () => {
  const run = await start(function* (context) {
    const timers = [later(20), later(10), later(20)].map((due) => context.df.createTimer(due));
    yield context.df.Task.all(timers);
    return context.df.currentUtcDateTime.toISOString();
  });

  assert.deepEqual(run.waitsFor, [
    { timer: later(20) },
    { timer: later(10) },
    { timer: later(20) },
  ]);
  await run.fireTimer();
  assert.deepEqual(run.now, later(10));
  assert.deepEqual(run.waitsFor, [{ timer: later(20) }, { timer: later(20) }]);
  await run.fireTimer();
  await run.fireTimer();

  assert.equal(run.output, later(20).toISOString());
});

test('a timer of the past fires now', async () => {
  const run = await start(function* (context) {
    yield context.df.createTimer(later(-1));
  });

  await run.fireTimer();

  assert.deepEqual(run.now, START);
});

test('events are kept, each for one wait', async () => {
  const run = await start(function* (context) {
    yield first();
    const one = yield context.df.waitForExternalEvent('Approval');
    const two = yield context.df.waitForExternalEvent('Approval');
    const three = yield context.df.waitForExternalEvent('Approval');
    return [one, two, three];
  });

  await run.raiseEvent('Approval', 1);
  await run.raiseEvent('Other', 'x');
  await run.raiseEvent('Approval', 2);
  await run.complete();
  assert.deepEqual(run.waitsFor, [{ event: 'Approval' }]);
  await run.raiseEvent('Other', 'y');
  assert.deepEqual(run.waitsFor, [{ event: 'Approval' }]);
  await run.raiseEvent('Approval', 3);

  assert.deepEqual(run.output, [1, 2, 3]);
});

test('an event that is not read reaches the next generation', async () => {
  const run = await start(function* (context) {
    if (context.df.getInput() === 'next') {
      return yield context.df.waitForExternalEvent('Approval');
    }
    yield first();
    context.df.continueAsNew('next');
    return undefined;
  }, 'start');

  await run.raiseEvent('Approval', 'yes');
  await run.complete();
  await run.startNextGeneration();

  assert.equal(run.output, 'yes');
});

test('a generation starts with its input, without status and signals, and at the time of its start', async () => {
  const run = await start(function* (context) {
    const polls = context.df.getInput();
    context.df.signalEntity(new df.EntityId('Counter', 'a@b'), 'add', 'text');
    if (polls === 2) {
      return context.df.currentUtcDateTime.toISOString();
    }
    context.df.setCustomStatus('waiting');
    yield context.df.createTimer(later(10 * (polls + 1)));
    context.df.continueAsNew(polls + 1);
    return undefined;
  }, 0);

  assert.equal(run.customStatus, 'waiting');
  await run.fireTimer();
  assert.equal(run.continuedAsNew, 1);
  assert.throws(() => run.output, /continues as new/);
  await run.startNextGeneration();
  assert.equal(run.continuedAsNew, undefined);
  await run.fireTimer();
  await run.startNextGeneration();

  assert.equal(run.customStatus, null);
  assert.deepEqual(run.signals, [
    { entity: 'counter', key: 'a@b', operation: 'add', input: 'text' },
  ]);
  assert.equal(run.output, later(20).toISOString());
  await assert.rejects(run.startNextGeneration(), /has an output/);
});

test('nothing happens after the end', async () => {
  const run = await start(function* () {
    return 'done';
  });

  await assert.rejects(run.raiseEvent('Approval'), /the orchestration has ended/);
  await assert.rejects(run.complete(), /one of these activities/);
  await assert.rejects(run.fireTimer(), /no timer is open/);
});

test('run uses the activities of the app, and retries them', async () => {
  let attempts = 0;
  const flaky = df.app.activity('flaky', {
    handler: (input) => {
      attempts += 1;
      if (attempts < 3) {
        throw new Error('busy');
      }
      return `${input} after ${attempts}`;
    },
  });
  const run = await start(function* () {
    return yield flaky('done').withRetry(RETRY);
  });

  assert.equal(await run.run(FUNCTIONS), 'done after 3');
});

test('run names an activity that the app does not have', async () => {
  const run = await start(function* (context) {
    yield context.df.callActivity('missing');
  });

  await assert.rejects(run.run(FUNCTIONS), /the app has no activity missing/);
});
