/**
 * Runs an orchestrator without a host, and shows that it is deterministic.
 *
 * The host keeps no orchestrator in memory: whenever a step completes, it runs the orchestrator
 * again from its first line, with the results so far. `Replay` does the same, twice for each step
 * and each time at another date, and fails as soon as the orchestrator asks for something else than
 * before.
 */

import { InvocationContext } from '@azure/functions';
import type * as df from 'durable-functions';
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { inspect, isDeepStrictEqual } from 'node:util';

import type { Handler } from './app';

// 401 days, 1 hour, 1 minute, 1 second and 1 millisecond: no field of the date stays the same, not
// even the day of the week.
const UNTIL_NEXT_RUN = (((401 * 24 + 1) * 60 + 1) * 60 + 1) * 1000 + 1;

/** A call of an activity that the orchestrator waits for. */
export interface Activity {
  activity: string;
  input: unknown;
  /** How often, and how many milliseconds apart, the host tries the activity. */
  retry?: { attempts: number; interval: number };
}

/** The end of the orchestration. */
interface Finished {
  output: unknown;
}

type Step = Activity | Finished;

type Event = { result: unknown } | { error: Error };

type Orchestration = ReturnType<df.OrchestrationHandler>;

/** The orchestrator did not repeat its own past. */
export class NonDeterministicOrchestratorError extends Error {
  override readonly name = 'NonDeterministicOrchestratorError';
}

/**
 * An orchestration under test; it starts when this object is made.
 *
 * Each method that runs a step throws NonDeterministicOrchestratorError when a run differs from the
 * one before.
 */
export class Replay {
  readonly #orchestrator: df.OrchestrationHandler;
  readonly #input: unknown;
  readonly #history: Event[] = [{ result: undefined }]; // starts the orchestrator
  #steps: Step[] = [];
  #failedAttempts = 0;
  #now = Date.UTC(2024, 0, 1);

  /** Start an orchestrator with the input that a client passes to `startNew`. */
  constructor(orchestrator: df.OrchestrationHandler, input?: unknown) {
    this.#orchestrator = orchestrator;
    this.#input = input;
    this.#replay();
  }

  /** The activity call whose result the orchestrator needs next. */
  get waitsFor(): Activity {
    const step = this.#lastStep;
    assert.ok('activity' in step, `the orchestration has ended: ${inspect(step)}`);
    return step;
  }

  /** What the orchestrator returned. */
  get output(): unknown {
    const step = this.#lastStep;
    assert.ok('output' in step, `the orchestration still waits for ${inspect(step)}`);
    return step.output;
  }

  /** Let the activity return a result. */
  complete(result?: unknown): void {
    assert.ok(this.waitsFor);
    this.#resumeWith({ result: throughJson(result) });
  }

  /** Let one attempt of the activity fail; the orchestrator hears of the last one only. */
  fail(): void {
    const { activity, retry } = this.waitsFor;
    this.#failedAttempts += 1;
    if (!retry || this.#failedAttempts === retry.attempts) {
      this.#resumeWith({ error: new Error(`${activity} failed`) });
    }
  }

  /** Run to the end with real activities and return the output. */
  async run(activities: Record<string, Handler>): Promise<unknown> {
    while ('activity' in this.#lastStep) {
      const { activity, input } = this.#lastStep;
      assert.ok(activity in activities, `the app has no activity ${activity}`);
      const context = new InvocationContext({ logHandler: () => undefined });
      let result: unknown;
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

  get #lastStep(): Step {
    return this.#steps[this.#steps.length - 1];
  }

  #resumeWith(event: Event): void {
    this.#history.push(event);
    this.#failedAttempts = 0;
    this.#replay();
  }

  #replay(): void {
    const past = this.#steps;
    this.#steps = this.#stepsOfOneRun();
    checkSame(past, this.#steps);
    checkSame(this.#steps, this.#stepsOfOneRun());
  }

  #stepsOfOneRun(): Step[] {
    this.#now += UNTIL_NEXT_RUN;
    mock.timers.enable({ apis: ['Date'], now: this.#now });
    try {
      return stepsOf(this.#orchestrator(contextFor(this.#input)), this.#history);
    } finally {
      mock.timers.reset();
    }
  }
}

/** The part of the orchestration context that the orchestrator uses. */
function contextFor(input: unknown): df.OrchestrationContext {
  let guids = 0;
  const durable = {
    currentUtcDateTime: new Date(Date.UTC(2024, 0, 1)),
    newGuid: () => `00000000-0000-4000-8000-${String((guids += 1)).padStart(12, '0')}`,
    getInput: () => throughJson(input),
    callActivity: (activity: string, input?: unknown): Activity => ({
      activity,
      input: throughJson(input),
    }),
    callActivityWithRetry: (
      activity: string,
      options: df.RetryOptions,
      input?: unknown,
    ): Activity => ({
      activity,
      input: throughJson(input),
      retry: {
        attempts: options.maxNumberOfAttempts,
        interval: options.firstRetryIntervalInMilliseconds,
      },
    }),
  };
  const known = new Proxy(durable, { get: knownMember });
  return { df: known } as unknown as df.OrchestrationContext;
}

/** Refuse what an orchestrator asks of the context and this helper does not have. */
function knownMember(durable: object, name: string | symbol): unknown {
  assert.ok(
    name in durable,
    `tests/replay.ts does not know context.df.${String(name)} yet: add it to contextFor`,
  );
  return Reflect.get(durable, name);
}

function stepsOf(orchestration: Orchestration, history: Event[]): Step[] {
  const steps: Step[] = [];
  for (const event of history) {
    const { done, value } = resume(orchestration, event);
    if (done) {
      return [...steps, { output: throughJson(value) }];
    }
    steps.push(value as unknown as Activity); // made by contextFor
  }
  return steps;
}

function resume(orchestration: Orchestration, event: Event): ReturnType<Orchestration['next']> {
  return 'error' in event ? orchestration.throw(event.error) : orchestration.next(event.result);
}

function checkSame(known: Step[], now: Step[]): void {
  for (const [index, before] of known.entries()) {
    const after = now.at(index);
    if (!isDeepStrictEqual(before, after)) {
      throw new NonDeterministicOrchestratorError(
        `step ${index + 1} was ${inspect(before)}, and is ${inspect(after)} when replayed`,
      );
    }
  }
}

/** Return what is left of a value after its way through the task hub; it must be all of it. */
function throughJson(value: unknown): unknown {
  const json = JSON.stringify(value ?? null) as string | undefined; // none of a function
  const copy: unknown = JSON.parse(json ?? 'null');
  assert.ok(
    isDeepStrictEqual(copy, value ?? null),
    `JSON turns ${inspect(value)} into ${inspect(copy)}`,
  );
  return copy;
}
