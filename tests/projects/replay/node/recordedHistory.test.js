'use strict';

/**
 * The comparison of recorded histories in TypeScript and JavaScript, with histories of real hosts:
 * clocks that run on, several events at once, inputs that are not recorded. A test of this
 * repository runs this file in a generated project of each language.
 */

const df = require('durable-functions');
const assert = require('node:assert/strict');
const { mkdirSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { after, test } = require('node:test');

const { SRC } = require('./app');
const { replayRecording } = require('./recordedHistory');

const FILE = path.join(SRC, 'tests', 'histories', 'sample.json');
const RETRY = new df.RetryOptions(5_000, 2);

const first = df.app.activity('first', { handler: () => undefined });
const second = df.app.activity('second', { handler: () => undefined });

after(() => rmSync(FILE, { force: true }));

/** Return a time with seven digits of its seconds. */
function at(seconds) {
  return `2026-01-01T00:00:${seconds.toFixed(7).padStart(10, '0')}Z`;
}

const started = { EventType: 'ExecutionStarted', FunctionName: 'sample', Timestamp: at(0) };

function completed(FunctionName, scheduled, time, more) {
  const times = { ScheduledTime: at(scheduled), Timestamp: at(time) };
  return { EventType: 'TaskCompleted', FunctionName, ...times, Result: null, ...more };
}

function failed(FunctionName, scheduled, time) {
  const times = { ScheduledTime: at(scheduled), Timestamp: at(time) };
  return { EventType: 'TaskFailed', FunctionName, ...times, Reason: 'busy', Details: 'at once' };
}

function timer(EventType, time, due) {
  return { EventType, Timestamp: at(time), FireAt: at(due) };
}

function raised(Name, time, data) {
  return { EventType: 'EventRaised', Name, Timestamp: at(time), Input: JSON.stringify(data) };
}

function ended(time, Result = null, OrchestrationStatus = 'Completed') {
  return { EventType: 'ExecutionCompleted', OrchestrationStatus, Result, Timestamp: at(time) };
}

/** Replay a history with an orchestrator that is not part of the app. */
async function replay(orchestrator, events, status) {
  df.app.orchestration('sample', orchestrator);
  mkdirSync(path.dirname(FILE), { recursive: true });
  writeFileSync(FILE, JSON.stringify({ historyEvents: events, customStatus: null, ...status }));
  await replayRecording('sample.json');
}

/** Return the message of a difference without the place before it and the advice behind it. */
function differs(position, did, does) {
  const place = `src/tests/histories/sample.json, historyEvents[${position}]: `;
  const difference = `the recorded orchestration ${did}, but today's orchestrator ${does}. Running`;
  return (error) => {
    assert.equal(error.name, 'RecordedHistoryError');
    assert.equal(error.message.slice(0, (place + difference).length), place + difference);
    assert.match(error.message, /record the history again\.$/);
    return true;
  };
}

function* both(context) {
  return yield context.df.Task.all([first(1), second(2)]);
}

test('activities complete in any order', async () => {
  await replay(both, [
    started,
    completed('second', 0.0000002, 2, { Result: 'b' }),
    completed('first', 0.0000001, 3, { Result: 'a' }),
    ended(4, ['a', 'b']),
  ]);
});

test('calls are compared in their order, to the seventh digit of their times', async () => {
  const events = [
    started,
    completed('second', 0.0000001, 2),
    completed('first', 0.0000002, 3),
    ended(4, [null, null]),
  ];

  await assert.rejects(
    replay(both, events),
    differs(1, 'called activity "second"', 'calls activity "first"'),
  );
});

test('equal calls keep their results', async () => {
  const events = [
    started,
    completed('first', 0.2, 1, { Result: 'b' }),
    completed('first', 0.1, 2, { Result: 'a' }),
    ended(4, ['a', 'b']),
  ];

  await replay(function* (context) {
    return yield context.df.Task.all([first(), first()]);
  }, events);
});

const INPUTS = {
  'not recorded': [null, { a: 1 }],
  'in a list': ['[{"a":1}]', { a: 1 }],
  alone: ['{"a":1}', { a: 1 }],
  'as JSON once more': ['["{\\"a\\":1}"]', { a: 1 }],
  'a text': ['["\\"text\\""]', 'text'],
  'a text of a number': ['["\\"7\\""]', '7'],
  'a list': ['[[1,2]]', [1, 2]],
  'null in a list': ['[null]', null],
  null: ['null', null],
  nothing: ['[null]', undefined],
};

for (const [name, [Input, input]] of Object.entries(INPUTS)) {
  test(`the input of an activity is read: ${name}`, async () => {
    await replay(
      function* () {
        yield first(input);
        return 'done';
      },
      [started, completed('first', 0, 1, { Input }), ended(2, 'done')],
    );
  });
}

test('an input is compared, even with null', async () => {
  const run = replay(
    function* () {
      yield first(1);
    },
    [started, completed('first', 0, 1, { Input: '[null]' }), ended(2)],
  );

  await assert.rejects(
    run,
    differs(1, 'called activity "first" with null', 'calls activity "first" with 1'),
  );
});

test('inputs tell apart what is called one after the other', async () => {
  const oneByOne = function* () {
    yield first(1);
    yield first(2);
  };
  const events = (...inputs) => [
    started,
    completed('first', 0.2, 1, { Input: inputs[1] }),
    completed('first', 0.1, 2, { Input: inputs[0] }),
    ended(4),
  ];

  await assert.rejects(
    replay(oneByOne, events('[1]', '[2]')),
    differs(1, 'called activity "first" with 2', 'waits for activity "first" with 1'),
  );
  await assert.rejects(
    replay(oneByOne, events(null, null)),
    differs(1, 'called activity "first"', 'waits for activity "first" with 1'),
  );
});

test('an input that differs is shown', async () => {
  const run = replay(
    function* () {
      yield first({ a: 2 });
    },
    [started, completed('first', 0, 1, { Input: '[{"a":1}]' }), ended(2)],
  );

  await assert.rejects(
    run,
    differs(1, 'called activity "first" with {"a":1}', 'calls activity "first" with {"a":2}'),
  );
});

test('the input of the workflow may be JSON twice', async () => {
  for (const Input of ['{"a":1}', '"{\\"a\\":1}"']) {
    await replay(
      function* (context) {
        yield first();
        return context.df.getInput().a;
      },
      [{ ...started, Input }, completed('first', 0, 1), ended(2, 1)],
    );
  }
});

function* wait(context) {
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 20_000));
}

test('a host may run the orchestrator later than an event', async () => {
  await replay(wait, [
    started,
    timer('TimerCreated', 3, 22.9),
    timer('TimerFired', 23, 22.9),
    ended(24),
  ]);
});

test('a timer that no delay explains is found', async () => {
  for (const [created, due] of [
    [3, 24],
    [0, 19],
  ]) {
    await assert.rejects(
      replay(wait, [started, timer('TimerCreated', created, due), ended(30)]),
      differs(1, `started a timer of ${due - created} s`, 'starts a timer of 20 s'),
    );
  }
});

test('a timer starts at the time of the event before it', async () => {
  const workflow = function* (context) {
    yield first();
    yield* wait(context);
  };
  const events = [started, completed('first', 0, 10)];

  await replay(workflow, [...events, timer('TimerCreated', 11, 30.5)]);
  await assert.rejects(
    replay(workflow, [...events, timer('TimerCreated', 11, 21)]),
    differs(2, 'started a timer of 10 s', 'starts a timer of 20 s'),
  );
});

test('timers may fire in another order than that of their times', async () => {
  const events = [
    started,
    timer('TimerCreated', 0.1, 20),
    timer('TimerCreated', 0.2, 21),
    timer('TimerFired', 22, 21),
    timer('TimerFired', 22, 20),
    ended(23, 'second'),
  ];

  await replay(function* (context) {
    const timers = [20, 21].map((due) => context.df.createTimer(new Date(at(due))));
    const winner = yield context.df.Task.any(timers);
    yield timers[0];
    return winner === timers[1] ? 'second' : 'first';
  }, events);
});

test('a timer that lost a race may fire later', async () => {
  const events = [
    started,
    timer('TimerCreated', 0, 20),
    raised('Approval', 1, 'yes'),
    timer('TimerFired', 20, 20),
    completed('first', 2, 21),
    ended(22, 'yes'),
  ];

  await replay(function* (context) {
    const timeout = context.df.createTimer(new Date('2026-01-01T00:00:20Z'));
    const event = context.df.waitForExternalEvent('Approval');
    yield context.df.Task.any([event, timeout]);
    timeout.cancel();
    yield first();
    return event.result;
  }, events);
});

test('an event may come before the workflow waits for it', async () => {
  await replay(
    function* (context) {
      yield first();
      return yield context.df.waitForExternalEvent('Approval');
    },
    [started, raised('Approval', 1, 'yes'), completed('first', 0, 2), ended(3, 'yes')],
  );
});

test('an event may come when the workflow has returned', async () => {
  const events = [
    started,
    raised('Approval', 1, 'yes'),
    raised('Approval', 1, 'no'),
    ended(2, 'yes'),
  ];

  await replay(function* (context) {
    return yield context.df.waitForExternalEvent('Approval');
  }, events);
});

/** Two attempts, the second 5 seconds after the first; then, the host creates a timer of 0 s. */
const TWO_ATTEMPTS = [
  started,
  failed('first', 0.1, 1),
  timer('TimerCreated', 3, 7.9),
  timer('TimerFired', 8, 7.9),
  failed('first', 9, 10),
  timer('TimerCreated', 11, 11),
];

function trying(retry) {
  return function* () {
    try {
      yield first().withRetry(retry);
      return 'done';
    } catch (error) {
      return error.message;
    }
  };
}

test('the pauses between attempts are those of the retry options', async () => {
  const events = [...TWO_ATTEMPTS, timer('TimerFired', 11.1, 11), ended(12, 'busy \n at once')];

  await replay(trying(RETRY), events);
  for (const [interval, attempts, ...difference] of [
    [1_000, 2, 1, 'paused 5 s after attempt 1 of activity "first"', 'pauses 1 s'],
    [8_000, 2, 1, 'paused 5 s after attempt 1 of activity "first"', 'pauses 8 s'],
    [5_000, 1, 1, 'paused 5 s after attempt 1 of activity "first"', 'makes no further attempt'],
    [5_000, 3, 4, 'made no further attempt of activity "first" after attempt 2', 'pauses 5 s'],
  ]) {
    const changed = trying(new df.RetryOptions(interval, attempts));
    await assert.rejects(replay(changed, events), differs(...difference));
  }
});

test('pauses may become longer, up to a longest one', async () => {
  const retry = new df.RetryOptions(5_000, 4);
  retry.backoffCoefficient = 2;
  retry.maxRetryIntervalInMilliseconds = 12_000;
  const events = [started];
  for (const [time, pause] of [
    [0, 5],
    [5, 10],
    [15, 12],
  ]) {
    events.push(failed('first', time, time), timer('TimerCreated', time, time + pause));
    events.push(timer('TimerFired', time + pause, time + pause));
  }
  events.push(completed('first', 27, 28), ended(29, 'done'));

  await replay(trying(retry), events);
  retry.backoffCoefficient = 1;
  await assert.rejects(
    replay(trying(retry), events),
    differs(4, 'paused 10 s after attempt 2 of activity "first"', 'pauses 5 s'),
  );
});

test('an activity has failed when its last timer fires', async () => {
  const events = [
    ...TWO_ATTEMPTS,
    completed('second', 0.2, 11.1, { Result: 'fast' }),
    timer('TimerFired', 11.2, 11),
    ended(12, 'fast'),
  ];

  await replay(function* (context) {
    const tasks = [first().withRetry(RETRY), second()];
    const winner = yield context.df.Task.any(tasks);
    try {
      yield tasks[0];
    } catch {
      return winner.result;
    }
    return 'no failure';
  }, events);
});

test('the next attempt is not a call that the workflow makes during the pause', async () => {
  const events = [
    started,
    failed('first', 0.1, 1),
    timer('TimerCreated', 1, 6),
    completed('second', 0.2, 2),
    completed('first', 2.1, 3, { Result: 'new' }),
    timer('TimerFired', 6, 6),
    { ...completed('first', 6, 7, { Result: 'old' }), ScheduledTime: '2026-01-01T00:00:06Z' },
    ended(8, ['new', 'old']),
  ];

  await replay(function* (context) {
    const tasks = [first().withRetry(RETRY), second()];
    yield context.df.Task.any(tasks);
    const result = yield first();
    return [result, yield tasks[0]];
  }, events);
});

test('a call after the last attempt is a new one', async () => {
  const events = [
    ...TWO_ATTEMPTS,
    timer('TimerFired', 11.1, 11),
    completed('first', 12, 13),
    ended(14),
  ];

  await replay(function* () {
    try {
      yield first().withRetry(RETRY);
    } catch {
      yield first();
    }
  }, events);
});

test('an activity without retry options fails at once', async () => {
  await assert.rejects(
    replay(
      function* () {
        yield first();
      },
      [started, failed('first', 0, 1), completed('second', 2, 3), ended(4)],
    ),
    differs(2, 'called activity "second"', 'fails: busy at once'),
  );
});

test('an instance that still runs is compared as far as it has come', async () => {
  const waiting = { EventType: 'TaskScheduled', Name: 'second', Timestamp: at(2), Input: null };
  const events = [started, completed('first', 0, 1), waiting];

  await replay(function* () {
    yield first();
    yield second();
  }, events);
  await assert.rejects(
    replay(function* () {
      yield first();
      return 'done';
    }, events),
    differs(2, 'called activity "second"', 'returns "done"'),
  );
  await assert.rejects(
    replay(
      function* () {
        yield first();
        return 'done';
      },
      events.slice(0, 2),
    ),
    differs(1, 'was still running', 'returns "done"'),
  );
  await assert.rejects(
    replay(
      function* (context) {
        yield first();
        context.df.continueAsNew('next');
      },
      events.slice(0, 2),
    ),
    differs(1, 'was still running', 'continues as new'),
  );
});

test('an instance that was terminated has not ended by itself', async () => {
  const terminated = { EventType: 'ExecutionTerminated', Timestamp: at(1), Input: '"stop"' };
  const scheduled = { EventType: 'TaskScheduled', Name: 'first', Timestamp: at(0.5) };
  const end = ended(1, 'stop', 'Terminated');

  await replay(
    function* () {
      yield first();
    },
    [started, scheduled, terminated, end],
  );
});

test('a suspended orchestrator gets nothing', async () => {
  const workflow = function* () {
    yield first();
    yield second();
  };
  const suspended = { EventType: 'ExecutionSuspended', Timestamp: at(0.5) };
  const resumed = { EventType: 'ExecutionResumed', Timestamp: at(0.7) };
  const events = [started, suspended, completed('first', 0, 1)];

  await replay(workflow, events);
  await replay(trying(RETRY), [started, suspended, failed('first', 0, 1)]);
  await assert.rejects(
    replay(workflow, [started, suspended, resumed, completed('first', 0, 1)]),
    differs(3, 'asked for nothing more', 'calls activity "second"'),
  );
});

test('an instance has its id', async () => {
  await replay(
    function* (context) {
      yield first(context.df.instanceId);
    },
    [started, completed('first', 0, 1, { Input: '["work-1"]' }), ended(2)],
    { instanceId: 'work-1' },
  );
});

test('a text that is JSON remains a text', async () => {
  await replay(
    function* (context) {
      yield first();
      return context.df.getInput();
    },
    [{ ...started, Input: '"123"' }, completed('first', 0, 1), ended(2, '123')],
  );
});

test('an instance that has failed must fail', async () => {
  const events = [started, completed('first', 0, 1), ended(2, 'no way', 'Failed')];

  await replay(function* () {
    yield first();
    throw new Error('another text');
  }, events);
  await assert.rejects(
    replay(function* () {
      yield first();
      return 'done';
    }, events),
    differs(2, 'failed', 'returns "done"'),
  );
});

test('the custom status of a failed instance is not compared', async () => {
  const events = [started, failed('first', 0, 1), ended(2, 'no way', 'Failed')];

  await replay(
    function* (context) {
      try {
        yield first();
      } catch (error) {
        context.df.setCustomStatus('closed');
        throw error;
      }
    },
    events,
    { customStatus: 'closed' },
  );
});

test('the host ends an orchestration when its last timer fires', async () => {
  const workflow = function* (context) {
    const timeout = context.df.createTimer(new Date('2026-01-01T00:00:20Z'));
    yield context.df.Task.any([timeout, first()]);
    return 'done';
  };
  const events = [started, timer('TimerCreated', 0, 20), completed('first', 0, 1)];

  await replay(workflow, [...events, timer('TimerFired', 20, 20), ended(21, 'done')]);
  await replay(workflow, [
    ...events,
    raised('Approval', 2, 'late'),
    timer('TimerFired', 20, 20),
    ended(21, 'done'),
  ]);
  await replay(workflow, events);
  await assert.rejects(
    replay(workflow, [...events, ended(2, 'done')]),
    differs(3, 'returned "done"', 'waits for a timer of 18 s'),
  );
});

test('a workflow that fails at its start is found', async () => {
  const broken = function* () {
    throw new Error('broken');
  };

  await replay(broken, [started, ended(1, 'broken', 'Failed')]);
  await assert.rejects(
    replay(broken, [started, completed('first', 0, 1), ended(2)]),
    differs(1, 'called activity "first"', 'fails: broken'),
  );
  await assert.rejects(
    replay(broken, [started, ended(2, 'done')]),
    differs(1, 'returned "done"', 'fails: broken'),
  );
});

test('a workflow that continues as new has not returned', async () => {
  await assert.rejects(
    replay(
      function* (context) {
        yield first();
        context.df.continueAsNew('next');
      },
      [started, completed('first', 0, 1), ended(2)],
    ),
    differs(2, 'returned null', 'continues as new'),
  );
});

test('another output and another custom status are found', async () => {
  const workflow = function* (context) {
    context.df.setCustomStatus({ paid: true });
    yield first();
    return { count: 1 };
  };
  const events = [started, completed('first', 0, 1), ended(2, { count: 1.0 })];

  await replay(workflow, events, { customStatus: { paid: true } });
  await assert.rejects(
    replay(workflow, [...events.slice(0, 2), ended(2, { count: 2 })]),
    differs(2, 'returned {"count":2}', 'returns {"count":1}'),
  );
  await assert.rejects(
    replay(workflow, events, { customStatus: 'paid' }),
    differs(2, 'had the custom status "paid"', 'has {"paid":true}'),
  );
});

test('a signal is compared with its entity, key, operation and input', async () => {
  const sent = {
    EventType: 'EventSent',
    InstanceId: '@counter@a@b',
    Input: '{"op":"add","signal":true,"input":"2","id":"1"}',
    Name: 'op',
    Timestamp: at(0),
  };
  const signal = (input) =>
    function* (context) {
      context.df.signalEntity(new df.EntityId('Counter', 'a@b'), 'add', input);
      yield first();
    };
  const events = [started, sent, completed('first', 0.1, 1), ended(2)];

  await replay(signal(2), events);
  await assert.rejects(
    replay(signal('2'), events),
    differs(
      1,
      'sent signal "add" to entity "counter" with key "a@b" with input 2',
      'sends signal "add" to entity "counter" with key "a@b" with input "2"',
    ),
  );
});

test('what the orchestrator waits for is listed in the order of its calls', async () => {
  await assert.rejects(
    replay(
      function* (context) {
        const timeout = context.df.createTimer(new Date('2026-01-01T00:00:20Z'));
        const event = context.df.waitForExternalEvent('Approval');
        yield context.df.Task.any([event, timeout, first()]);
      },
      [started, timer('TimerCreated', 0, 20), completed('first', 1, 2), completed('second', 3, 4)],
    ),
    differs(3, 'called activity "second"', 'waits for event "Approval" and a timer of 16 s'),
  );
});

test('a clock in the orchestrator is still found', async () => {
  await assert.rejects(
    replay(
      function* () {
        yield first(Date.now());
      },
      [started, completed('first', 0, 1), ended(2)],
    ),
    { name: 'NonDeterministicOrchestratorError' },
  );
});

test('events that do not concern the orchestrator are skipped', async () => {
  const others = ['ExecutionSuspended', 'ExecutionResumed', 'GenericEvent', 'HistoryState'];

  await replay(
    function* () {
      yield first();
    },
    [
      started,
      ...others.map((EventType) => ({ EventType, Timestamp: at(0.5) })),
      completed('first', 0, 1, { Correlation: null }),
      ended(2),
    ],
  );
});

const FILES = {
  'a pending instance': [
    { historyEvents: null },
    'src/tests/histories/sample.json is not a recorded history: ' +
      'write it with scripts/record-history.',
  ],
  'no start': [
    { historyEvents: [completed('first', 0, 1)] },
    /^src\/tests\/histories\/sample\.json is not a recorded history: write it with/,
  ],
  'an unknown orchestrator': [
    { historyEvents: [{ ...started, FunctionName: 'other' }] },
    /^src\/tests\/histories\/sample\.json, historyEvents\[0\]: the app has no orchestrator "other"\. Running/,
  ],
  'a sub-orchestration': [
    {
      historyEvents: [
        started,
        { EventType: 'SubOrchestrationInstanceCompleted', Timestamp: at(1) },
      ],
    },
    /^src\/tests\/histories\/sample\.json, historyEvents\[1\]: the replay helper has no SubOrchestrationInstanceCompleted events: add them to src\/tests\/replay\.(ts|js)\.$/,
  ],
};

test('a file that is not JSON, or not a status, is named', async () => {
  mkdirSync(path.dirname(FILE), { recursive: true });
  for (const text of ['<html>', 'null', '[]', '']) {
    writeFileSync(FILE, text);
    await assert.rejects(replayRecording('sample.json'), {
      name: 'RecordedHistoryError',
      message: /sample\.json is not a recorded history: write it with/,
    });
  }
});

for (const [name, [status, message]] of Object.entries(FILES)) {
  test(`a file that cannot be compared is named: ${name}`, async () => {
    const run = replay(
      function* (context) {
        yield context.df.callSubOrchestrator('other');
      },
      [started],
      status,
    );

    await assert.rejects(run, { name: 'RecordedHistoryError', message });
  });
}

test('an instance keeps its version', async () => {
  const workflow = function* (context) {
    yield first();
    return context.df.version;
  };
  const events = [started, completed('first', 0, 1)];

  await replay(workflow, [...events, ended(2, '0.9')], { version: '0.9' });
  await replay(workflow, [...events, ended(2, '')]);
});
