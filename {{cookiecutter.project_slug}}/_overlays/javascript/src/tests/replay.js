'use strict';

/**
 * Runs an orchestrator without a host, and shows that it is deterministic.
 *
 * The host keeps no orchestrator in memory: whenever a step completes, it runs the orchestrator
 * again from its first line, with the results so far. `Replay` does the same, twice for each step
 * and each time at another date, and fails as soon as the orchestrator asks for something else than
 * before.
 */

/** @import { OrchestrationContext, OrchestrationHandler, RetryOptions } from 'durable-functions' */
/** @import { Handler } from './app' */

const { InvocationContext } = require('@azure/functions');
const assert = require('node:assert/strict');
const { mock } = require('node:test');
const { inspect, isDeepStrictEqual } = require('node:util');

// 401 days, 1 hour, 1 minute, 1 second and 1 millisecond: no field of the date stays the same, not
// even the day of the week.
const UNTIL_NEXT_RUN = (((401 * 24 + 1) * 60 + 1) * 60 + 1) * 1000 + 1;

/**
 * A call of an activity that the orchestrator waits for; `retry` says how often, and how many
 * milliseconds apart, the host tries the activity.
 *
 * @typedef {object} Activity
 * @property {string} activity
 * @property {unknown} input
 * @property {{ attempts: number, interval: number }} [retry]
 */

/** @typedef {{ output: unknown }} Finished The end of the orchestration. */
/** @typedef {Activity | Finished} Step */
/** @typedef {{ result: unknown } | { error: Error }} Event */
/** @typedef {ReturnType<OrchestrationHandler>} Orchestration */

/** The orchestrator did not repeat its own past. */
class NonDeterministicOrchestratorError extends Error {
  name = 'NonDeterministicOrchestratorError';
}

/**
 * An orchestration under test; it starts when this object is made.
 *
 * Each method that runs a step throws NonDeterministicOrchestratorError when a run differs from the
 * one before.
 */
class Replay {
  /** @type {OrchestrationHandler} */
  #orchestrator;
  /** @type {unknown} */
  #input;
  /** @type {Event[]} */
  #history = [{ result: undefined }]; // starts the orchestrator
  /** @type {Step[]} */
  #steps = [];
  #failedAttempts = 0;
  #now = Date.UTC(2024, 0, 1);

  /**
   * Start an orchestrator with the input that a client passes to `startNew`.
   *
   * @param {OrchestrationHandler} orchestrator
   * @param {unknown} [input]
   */
  constructor(orchestrator, input) {
    this.#orchestrator = orchestrator;
    this.#input = input;
    this.#replay();
  }

  /** The activity call whose result the orchestrator needs next. */
  get waitsFor() {
    const step = this.#lastStep;
    assert.ok('activity' in step, `the orchestration has ended: ${inspect(step)}`);
    return step;
  }

  /** What the orchestrator returned. */
  get output() {
    const step = this.#lastStep;
    assert.ok('output' in step, `the orchestration still waits for ${inspect(step)}`);
    return step.output;
  }

  /**
   * Let the activity return a result.
   *
   * @param {unknown} [result]
   */
  complete(result) {
    assert.ok(this.waitsFor);
    this.#resumeWith({ result: throughJson(result) });
  }

  /** Let one attempt of the activity fail; the orchestrator hears of the last one only. */
  fail() {
    const { activity, retry } = this.waitsFor;
    this.#failedAttempts += 1;
    if (!retry || this.#failedAttempts === retry.attempts) {
      this.#resumeWith({ error: new Error(`${activity} failed`) });
    }
  }

  /**
   * Run to the end with real activities and return the output.
   *
   * @param {Record<string, Handler>} activities
   */
  async run(activities) {
    while ('activity' in this.#lastStep) {
      const { activity, input } = this.#lastStep;
      assert.ok(activity in activities, `the app has no activity ${activity}`);
      const context = new InvocationContext({ logHandler: () => undefined });
      let result;
      try {
        result = await activities[activity](input, context);
      } catch {
        this.fail();
        continue;
      }
      this.complete(result);
    }
    return this.output;
  }

  get #lastStep() {
    return this.#steps[this.#steps.length - 1];
  }

  /** @param {Event} event */
  #resumeWith(event) {
    this.#history.push(event);
    this.#failedAttempts = 0;
    this.#replay();
  }

  #replay() {
    const past = this.#steps;
    this.#steps = this.#stepsOfOneRun();
    checkSame(past, this.#steps);
    checkSame(this.#steps, this.#stepsOfOneRun());
  }

  #stepsOfOneRun() {
    this.#now += UNTIL_NEXT_RUN;
    mock.timers.enable({ apis: ['Date'], now: this.#now });
    try {
      return stepsOf(this.#orchestrator(contextFor(this.#input)), this.#history);
    } finally {
      mock.timers.reset();
    }
  }
}

/**
 * The part of the orchestration context that the orchestrator uses.
 *
 * @param {unknown} input
 */
function contextFor(input) {
  let guids = 0;
  const durable = {
    currentUtcDateTime: new Date(Date.UTC(2024, 0, 1)),
    newGuid: () => `00000000-0000-4000-8000-${String((guids += 1)).padStart(12, '0')}`,
    getInput: () => throughJson(input),
    /** @type {(activity: string, input?: unknown) => Activity} */
    callActivity: (activity, input) => ({ activity, input: throughJson(input) }),
    /** @type {(activity: string, options: RetryOptions, input?: unknown) => Activity} */
    callActivityWithRetry: (activity, options, input) => ({
      activity,
      input: throughJson(input),
      retry: {
        attempts: options.maxNumberOfAttempts,
        interval: options.firstRetryIntervalInMilliseconds,
      },
    }),
  };
  const known = new Proxy(durable, { get: knownMember });
  return /** @type {OrchestrationContext} */ (/** @type {unknown} */ ({ df: known }));
}

/**
 * Refuse what an orchestrator asks of the context and this helper does not have.
 *
 * @param {object} durable
 * @param {string | symbol} name
 */
function knownMember(durable, name) {
  assert.ok(
    name in durable,
    `tests/replay.js does not know context.df.${String(name)} yet: add it to contextFor`,
  );
  return Reflect.get(durable, name);
}

/**
 * @param {Orchestration} orchestration
 * @param {Event[]} history
 */
function stepsOf(orchestration, history) {
  /** @type {Step[]} */
  const steps = [];
  for (const event of history) {
    const { done, value } = resume(orchestration, event);
    if (done) {
      return [...steps, { output: throughJson(value) }];
    }
    steps.push(/** @type {Activity} */ (/** @type {unknown} */ (value))); // made by contextFor
  }
  return steps;
}

/**
 * @param {Orchestration} orchestration
 * @param {Event} event
 */
function resume(orchestration, event) {
  return 'error' in event ? orchestration.throw(event.error) : orchestration.next(event.result);
}

/**
 * @param {Step[]} known
 * @param {Step[]} now
 */
function checkSame(known, now) {
  for (const [index, before] of known.entries()) {
    const after = now.at(index);
    if (!isDeepStrictEqual(before, after)) {
      throw new NonDeterministicOrchestratorError(
        `step ${index + 1} was ${inspect(before)}, and is ${inspect(after)} when replayed`,
      );
    }
  }
}

/**
 * Return what is left of a value after its way through the task hub; it must be all of it.
 *
 * @param {unknown} value
 */
function throughJson(value) {
  const copy = JSON.parse(JSON.stringify(value ?? null) ?? 'null'); // a function has no JSON
  assert.ok(
    isDeepStrictEqual(copy, value ?? null),
    `JSON turns ${inspect(value)} into ${inspect(copy)}`,
  );
  return copy;
}

module.exports = { NonDeterministicOrchestratorError, Replay };
