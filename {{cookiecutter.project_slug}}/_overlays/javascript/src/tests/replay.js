'use strict';

/**
 * Runs an orchestrator without a host, and shows that it is deterministic.
 *
 * The host keeps no orchestrator in memory: whenever something happens, it passes the history to
 * the SDK, which runs the orchestrator again from its first line. `Replay` does the same, twice for
 * each event and each time at another date, and fails as soon as a run differs from the one before.
 */

/** @import { Handler } from './app' */
/** @import { Activity, HistoryEvent, Retry, Step, Timer } from './protocol' */

const { InvocationContext } = require('@azure/functions');
const assert = require('node:assert/strict');
const { mock } = require('node:test');
const { inspect, isDeepStrictEqual } = require('node:util');

const { DEFAULT_VERSION } = require('./app');
const { Generation } = require('./generation');
const { execute, throughJson } = require('./protocol');

/** When the first generation of an orchestration starts. */
const START = new Date('2024-01-01T00:00:00Z');

// 401 days, 1 hour, 1 minute, 1 second and 1 millisecond: no field of the date stays the same, not
// even the day of the week.
const UNTIL_NEXT_RUN = (((401 * 24 + 1) * 60 + 1) * 60 + 1) * 1000 + 1;

const STEP_LIMIT = 1_000;

/** The orchestrator did not repeat its own past. */
class NonDeterministicOrchestratorError extends Error {
  name = 'NonDeterministicOrchestratorError';
}

/**
 * What follows a failed attempt; `end` starts the next attempt, or lets the activity fail.
 *
 * @typedef {object} Pause
 * @property {number} attempt The number of the attempt that failed.
 * @property {number} length In milliseconds; 0 after the last attempt, whose timer fires at once.
 * @property {() => Promise<void>} end
 */

/**
 * An orchestration under test.
 *
 * Each method that lets something happen throws NonDeterministicOrchestratorError when a run
 * differs from the one before, and the error of the orchestrator when that fails.
 */
class Replay {
  /** @type {Handler} */
  #orchestrator;
  #version;
  #instanceId;
  #generation;
  #date = START.getTime();

  /**
   * Most tests use `Replay.start`.
   *
   * @param {Handler} orchestrator
   * @param {unknown} input
   * @param {string} version
   * @param {Date} now The time of the orchestration; only timers, and pauses before attempts, take
   *   time.
   * @param {string} [instanceId]
   */
  constructor(orchestrator, input, version, now = START, instanceId = 'instance-1') {
    this.now = now;
    this.#orchestrator = orchestrator;
    this.#version = version;
    this.#instanceId = instanceId;
    this.#generation = new Generation(throughJson(input));
  }

  /**
   * Start an orchestrator of `FUNCTIONS` with the input that a client passes to `startNew`.
   *
   * A new orchestration has the version of host.json, an older one another.
   *
   * @param {Handler} orchestrator
   * @param {unknown} [input]
   * @param {string} [version]
   */
  static async start(orchestrator, input, version = DEFAULT_VERSION) {
    const run = new Replay(orchestrator, input, version);
    await run.begin();
    return run;
  }

  /** Run the orchestrator up to what it waits for first. */
  async begin() {
    await this.#continueWith({ EventType: 0, Version: this.#version });
  }

  /** All that the orchestrator has asked for in this generation, in the order of its calls. */
  get steps() {
    return this.#generation.progress.steps;
  }

  /** The activities, timers and events that the orchestrator waits for, in the order of its calls. */
  get waitsFor() {
    return this.steps.filter((step) => this.#generation.open.has(step));
  }

  /** The custom status of this generation, or null. */
  get customStatus() {
    return this.#generation.progress.customStatus;
  }

  /** The signals of this generation to entities. */
  get signals() {
    return this.steps.filter((step) => 'entity' in step);
  }

  /** The input of the next generation, if the orchestrator continues as new. */
  get continuedAsNew() {
    return this.steps.find((step) => 'continueAsNew' in step)?.continueAsNew;
  }

  /** Whether the orchestrator has returned; after `continueAsNew`, only this generation has ended. */
  get hasEnded() {
    return this.#generation.progress.isDone;
  }

  /** What the orchestrator has returned. */
  get output() {
    this.#checkEnd();
    assert.equal(this.continuedAsNew, undefined, 'the orchestration continues as new');
    return this.#generation.progress.output;
  }

  /**
   * Let an activity return a result; `of` is optional while one activity is open.
   *
   * @param {unknown} [result]
   * @param {Activity} [of]
   */
  async complete(result, of) {
    const { id } = this.#generation.close(this.#openActivity(of));
    const Result = JSON.stringify(throughJson(result));
    await this.#continueWith({ EventType: 5, TaskScheduledId: id, Result });
  }

  /**
   * Let one attempt of an activity fail. Its retry options decide whether there is another one.
   *
   * @param {string} [reason]
   * @param {Activity} [of]
   */
  async fail(reason = 'failed', of) {
    const step = this.#openActivity(of);
    const Reason = `Activity function '${step.activity}' failed: ${reason}`;
    const pause = await this.failAttempt(step, Reason);
    if (pause) {
      this.now = new Date(this.now.getTime() + pause.length);
      await pause.end();
    }
  }

  /**
   * Let one attempt of an activity fail; with retry options, return the pause that follows it.
   *
   * @param {Activity} step
   * @param {string} Reason
   * @returns {Promise<Pause | undefined>}
   */
  async failAttempt(step, Reason, Details = '') {
    const generation = this.#generation;
    const { id, attempt } = generation.close(step);
    /** @type {HistoryEvent} */
    const failed = { EventType: 6, TaskScheduledId: id, Reason, Details };
    if (!step.retry) {
      await this.#continueWith(failed);
      return undefined;
    }

    const length = pauseAfter(attempt, step.retry);
    const pause = generation.takeId();
    generation.open.set(step, { id: pause, attempt });
    await this.#continueWith(failed);
    const end = async () => {
      generation.close(step);
      if (length > 0) {
        generation.open.set(step, { id: generation.takeId(), attempt: attempt + 1 });
      }
      await this.#continueWith({ EventType: 11, TimerId: pause });
    };
    return { attempt, length, end };
  }

  /**
   * Let an open timer fire: the earliest, or `of`.
   *
   * @param {Timer} [of]
   */
  async fireTimer(of) {
    const timers = this.waitsFor.filter((step) => 'timer' in step);
    const [first] = timers.sort((one, other) => one.timer.getTime() - other.timer.getTime());
    assert.ok(timers.length > 0, `no timer is open, but ${inspect(this.waitsFor)}`);
    const timer = of ?? first;
    this.now = new Date(Math.max(timer.timer.getTime(), this.now.getTime()));
    await this.#continueWith({ EventType: 11, TimerId: this.#generation.close(timer).id });
  }

  /**
   * Raise an external event; it is kept until the orchestrator waits for it.
   *
   * @param {string} name
   * @param {unknown} [data]
   */
  async raiseEvent(name, data) {
    assert.ok(!this.hasEnded, 'the orchestration has ended');
    const Input = JSON.stringify(throughJson(data));
    const waiting = this.waitsFor.find((step) => 'event' in step && step.event === name);
    if (waiting) {
      this.#generation.close(waiting);
    } else {
      this.#generation.unread.push({ name, data });
    }
    await this.#continueWith({ EventType: 15, Name: name, Input });
  }

  /** Start the generation that the orchestrator asks for with `continueAsNew`. */
  async startNextGeneration() {
    this.#checkEnd();
    assert.notEqual(this.continuedAsNew, undefined, 'the orchestration has an output');
    const { unread } = this.#generation;
    this.#generation = new Generation(this.continuedAsNew);
    await this.begin();
    for (const { name, data } of unread) {
      await this.raiseEvent(name, data);
    }
  }

  /**
   * Run to the end with real activities, timers and further generations; return the output.
   *
   * @param {Record<string, Handler>} activities
   */
  async run(activities) {
    for (let step = 0; step < STEP_LIMIT; step++) {
      const activity = this.waitsFor.find((step) => 'activity' in step);
      if (this.continuedAsNew !== undefined) {
        await this.startNextGeneration();
      } else if (this.hasEnded) {
        return this.output;
      } else if (activity) {
        await this.#runActivity(activity, activities);
      } else {
        await this.fireTimer();
      }
    }
    throw new Error(`the orchestration has not ended after ${STEP_LIMIT} steps`);
  }

  /**
   * @param {Activity} step
   * @param {Record<string, Handler>} activities
   */
  async #runActivity(step, activities) {
    assert.ok(step.activity in activities, `the app has no activity ${step.activity}`);
    const context = new InvocationContext({ logHandler: () => undefined });
    let result;
    try {
      result = await activities[step.activity](step.input, context);
    } catch (error) {
      await this.fail(String(error), step);
      return;
    }
    await this.complete(result, step);
  }

  /** @param {Activity} [of] */
  #openActivity(of) {
    const open = this.waitsFor.filter((step) => 'activity' in step);
    const equal = of ? open.filter((step) => isDeepStrictEqual(step, of)) : open;
    const meant = equal.find((step) => step === of) ?? equal.at(0);
    assert.ok(meant && (of ?? open.length === 1), `one of these activities: ${inspect(open)}`);
    return meant;
  }

  /** @param {HistoryEvent} event */
  async #continueWith(event) {
    const { progress, history } = this.#generation;
    if (progress.isDone) {
      return; // an activity or a timer that was still open ends too late to change anything
    }
    history.push({ EventType: 12, Timestamp: this.now.toISOString() }, event);
    const first = await this.#execute();
    const second = await this.#execute();
    checkSteps(progress.steps, first.steps);
    checkSteps(first.steps, second.steps);
    checkSame('the number of steps', first.steps.length, second.steps.length);
    checkSame('the cancelled timers', first.canceled, second.canceled);
    checkSame('the output', first.output, second.output);
    checkSame('the custom status', first.customStatus, second.customStatus);
    this.#generation.advance(first);
  }

  async #execute() {
    this.#date += UNTIL_NEXT_RUN;
    mock.timers.enable({ apis: ['Date'], now: this.#date });
    try {
      const { input, history } = this.#generation;
      return await execute(this.#orchestrator, input, history, this.#instanceId);
    } finally {
      mock.timers.reset();
    }
  }

  /** The host ends an orchestration only when nothing is open, and sees only what is yielded. */
  #checkEnd() {
    const { isDone, steps, created } = this.#generation.progress;
    assert.ok(isDone, `the orchestration waits for ${inspect(this.waitsFor)}`);
    const open = this.waitsFor.filter((step) => !('event' in step));
    assert.ok(!open.length, `cancel timers and wait for activities: open is ${inspect(open)}`);
    const yielded = steps.filter((step) => !('entity' in step || 'continueAsNew' in step));
    assert.equal(
      yielded.length,
      created.length,
      `yield each task: of ${inspect(created)}, the host sees only ${inspect(yielded)}`,
    );
  }
}

/**
 * @param {number} attempt
 * @param {Retry} retry
 */
function pauseAfter(attempt, retry) {
  if (attempt >= retry.attempts) {
    return 0;
  }
  const length = retry.interval * (retry.backoff ?? 1) ** (attempt - 1);
  return Math.min(length, retry.maxInterval ?? length);
}

/**
 * @param {Step[]} before
 * @param {Step[]} after
 */
function checkSteps(before, after) {
  before.forEach((step, position) => {
    checkSame(`step ${position + 1}`, step, after.at(position));
  });
}

/**
 * @param {string} what
 * @param {unknown} before
 * @param {unknown} after
 */
function checkSame(what, before, after) {
  if (!isDeepStrictEqual(before, after)) {
    throw new NonDeterministicOrchestratorError(
      `${what} was ${inspect(before)}, and is ${inspect(after)} when replayed`,
    );
  }
}

module.exports = { NonDeterministicOrchestratorError, Replay, START };
