/**
 * Runs an orchestrator without a host, and shows that it is deterministic.
 *
 * The host keeps no orchestrator in memory: whenever something happens, it passes the history to
 * the SDK, which runs the orchestrator again from its first line. `Replay` does the same, twice for
 * each event and each time at another date, and fails as soon as a run differs from the one before.
 */

import { InvocationContext } from '@azure/functions';
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { inspect, isDeepStrictEqual } from 'node:util';

import { DEFAULT_VERSION, type Handler } from './app';
import { Generation } from './generation';
import { execute, throughJson } from './protocol';
import type { Activity, HistoryEvent, Progress, Retry, Signal, Step, Timer } from './protocol';

/** When the first generation of an orchestration starts. */
export const START = new Date('2024-01-01T00:00:00Z');

// 401 days, 1 hour, 1 minute, 1 second and 1 millisecond: no field of the date stays the same, not
// even the day of the week.
const UNTIL_NEXT_RUN = (((401 * 24 + 1) * 60 + 1) * 60 + 1) * 1000 + 1;

const STEP_LIMIT = 1_000;

/** The orchestrator did not repeat its own past. */
export class NonDeterministicOrchestratorError extends Error {
  override readonly name = 'NonDeterministicOrchestratorError';
}

/** What follows a failed attempt; `end` starts the next attempt, or lets the activity fail. */
export interface Pause {
  /** The number of the attempt that failed. */
  attempt: number;
  /** In milliseconds; 0 after the last attempt, whose timer fires at once. */
  length: number;
  end: () => Promise<void>;
}

/**
 * An orchestration under test.
 *
 * Each method that lets something happen throws NonDeterministicOrchestratorError when a run
 * differs from the one before, and the error of the orchestrator when that fails.
 */
export class Replay {
  readonly #orchestrator: Handler;
  readonly #version: string;
  readonly #instanceId: string;
  #generation: Generation;
  #date = START.getTime();

  /**
   * Most tests use `Replay.start`.
   *
   * @param now The time of the orchestration; only timers, and pauses before attempts, take time.
   */
  constructor(
    orchestrator: Handler,
    input: unknown,
    version: string,
    public now = START,
    instanceId = 'instance-1',
  ) {
    this.#orchestrator = orchestrator;
    this.#version = version;
    this.#instanceId = instanceId;
    this.#generation = new Generation(throughJson(input));
  }

  /**
   * Start an orchestrator of `FUNCTIONS` with the input that a client passes to `startNew`.
   *
   * A new orchestration has the version of host.json, an older one another.
   */
  static async start(
    orchestrator: Handler,
    input?: unknown,
    version = DEFAULT_VERSION,
  ): Promise<Replay> {
    const run = new Replay(orchestrator, input, version);
    await run.begin();
    return run;
  }

  /** Run the orchestrator up to what it waits for first. */
  async begin(): Promise<void> {
    await this.#continueWith({ EventType: 0, Version: this.#version });
  }

  /** All that the orchestrator has asked for in this generation, in the order of its calls. */
  get steps(): Step[] {
    return this.#generation.progress.steps;
  }

  /** The activities, timers and events that the orchestrator waits for, in the order of its calls. */
  get waitsFor(): Step[] {
    return this.steps.filter((step) => this.#generation.open.has(step));
  }

  /** The custom status of this generation, or null. */
  get customStatus(): unknown {
    return this.#generation.progress.customStatus;
  }

  /** The signals of this generation to entities. */
  get signals(): Signal[] {
    return this.steps.filter((step) => 'entity' in step);
  }

  /** The input of the next generation, if the orchestrator continues as new. */
  get continuedAsNew(): unknown {
    return this.steps.find((step) => 'continueAsNew' in step)?.continueAsNew;
  }

  /** Whether the orchestrator has returned; after `continueAsNew`, only this generation has ended. */
  get hasEnded(): boolean {
    return this.#generation.progress.isDone;
  }

  /** What the orchestrator has returned. */
  get output(): unknown {
    this.#checkEnd();
    assert.equal(this.continuedAsNew, undefined, 'the orchestration continues as new');
    return this.#generation.progress.output;
  }

  /** Let an activity return a result; `of` is optional while one activity is open. */
  async complete(result?: unknown, of?: Activity): Promise<void> {
    const { id } = this.#generation.close(this.#openActivity(of));
    const Result = JSON.stringify(throughJson(result));
    await this.#continueWith({ EventType: 5, TaskScheduledId: id, Result });
  }

  /** Let one attempt of an activity fail. Its retry options decide whether there is another one. */
  async fail(reason = 'failed', of?: Activity): Promise<void> {
    const step = this.#openActivity(of);
    const Reason = `Activity function '${step.activity}' failed: ${reason}`;
    const pause = await this.failAttempt(step, Reason);
    if (pause) {
      this.now = new Date(this.now.getTime() + pause.length);
      await pause.end();
    }
  }

  /** Let one attempt of an activity fail; with retry options, return the pause that follows it. */
  async failAttempt(step: Activity, Reason: string, Details = ''): Promise<Pause | undefined> {
    const generation = this.#generation;
    const { id, attempt } = generation.close(step);
    const failed = { EventType: 6, TaskScheduledId: id, Reason, Details } as const;
    if (!step.retry) {
      await this.#continueWith(failed);
      return undefined;
    }

    const length = pauseAfter(attempt, step.retry);
    const pause = generation.takeId();
    generation.open.set(step, { id: pause, attempt });
    await this.#continueWith(failed);
    const end = async (): Promise<void> => {
      generation.close(step);
      if (length > 0) {
        generation.open.set(step, { id: generation.takeId(), attempt: attempt + 1 });
      }
      await this.#continueWith({ EventType: 11, TimerId: pause });
    };
    return { attempt, length, end };
  }

  /** Let an open timer fire: the earliest, or `of`. */
  async fireTimer(of?: Timer): Promise<void> {
    const timers = this.waitsFor.filter((step) => 'timer' in step);
    const [first] = timers.sort((one, other) => one.timer.getTime() - other.timer.getTime());
    assert.ok(timers.length > 0, `no timer is open, but ${inspect(this.waitsFor)}`);
    const timer = of ?? first;
    this.now = new Date(Math.max(timer.timer.getTime(), this.now.getTime()));
    await this.#continueWith({ EventType: 11, TimerId: this.#generation.close(timer).id });
  }

  /** Raise an external event; it is kept until the orchestrator waits for it. */
  async raiseEvent(name: string, data?: unknown): Promise<void> {
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
  async startNextGeneration(): Promise<void> {
    this.#checkEnd();
    assert.notEqual(this.continuedAsNew, undefined, 'the orchestration has an output');
    const { unread } = this.#generation;
    this.#generation = new Generation(this.continuedAsNew);
    await this.begin();
    for (const { name, data } of unread) {
      await this.raiseEvent(name, data);
    }
  }

  /** Run to the end with real activities, timers and further generations; return the output. */
  async run(activities: Record<string, Handler>): Promise<unknown> {
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

  async #runActivity(step: Activity, activities: Record<string, Handler>): Promise<void> {
    assert.ok(step.activity in activities, `the app has no activity ${step.activity}`);
    const context = new InvocationContext({ logHandler: () => undefined });
    let result: unknown;
    try {
      result = await activities[step.activity](step.input, context);
    } catch (error) {
      await this.fail(String(error), step);
      return;
    }
    await this.complete(result, step);
  }

  #openActivity(of?: Activity): Activity {
    const open = this.waitsFor.filter((step) => 'activity' in step);
    const equal = of ? open.filter((step) => isDeepStrictEqual(step, of)) : open;
    const meant = equal.find((step) => step === of) ?? equal.at(0);
    assert.ok(meant && (of ?? open.length === 1), `one of these activities: ${inspect(open)}`);
    return meant;
  }

  async #continueWith(event: HistoryEvent): Promise<void> {
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

  async #execute(): Promise<Progress> {
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
  #checkEnd(): void {
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

function pauseAfter(attempt: number, retry: Retry): number {
  if (attempt >= retry.attempts) {
    return 0;
  }
  const length = retry.interval * (retry.backoff ?? 1) ** (attempt - 1);
  return Math.min(length, retry.maxInterval ?? length);
}

function checkSteps(before: Step[], after: Step[]): void {
  before.forEach((step, position) => {
    checkSame(`step ${position + 1}`, step, after.at(position));
  });
}

function checkSame(what: string, before: unknown, after: unknown): void {
  if (!isDeepStrictEqual(before, after)) {
    throw new NonDeterministicOrchestratorError(
      `${what} was ${inspect(before)}, and is ${inspect(after)} when replayed`,
    );
  }
}
