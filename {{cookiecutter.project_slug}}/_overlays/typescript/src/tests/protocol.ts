/**
 * The protocol between host and SDK: the history of an orchestration in, out all actions that its
 * orchestrator has taken so far. Numbers and names are those of the SDK.
 */

import * as df from 'durable-functions';
import assert from 'node:assert/strict';
import { inspect, isDeepStrictEqual } from 'node:util';

import type { Handler } from './app';
import { notes } from './recorder';

/** How often an activity is tried; times in milliseconds. Each pause is `backoff` times as long. */
export interface Retry {
  attempts: number;
  interval: number;
  backoff?: number;
  maxInterval?: number;
}

/** A call of an activity. */
export interface Activity {
  activity: string;
  input: unknown;
  retry?: Retry;
}

/** An operation of an entity whose result nobody waits for. */
export interface Signal {
  entity: string;
  key: string;
  operation: string;
  input: unknown;
}

/** A durable timer, by the time when it is due. */
export interface Timer {
  timer: Date;
}

/** What an orchestrator asks the host for. */
export type Step =
  | Activity
  | Signal
  | Timer
  | { event: string } // its name
  | { continueAsNew: unknown }; // the input of the next generation

/** What an orchestrator has done so far. */
export interface Progress {
  steps: Step[];
  /** The positions of cancelled timers in `steps`. */
  canceled: number[];
  /** The tasks that it has created, yielded or not. */
  created: unknown[];
  isDone: boolean;
  output?: unknown;
  customStatus?: unknown;
}

export type HistoryEvent =
  | { EventType: 0; Version: string } // the orchestration has started
  | { EventType: 5; TaskScheduledId: number; Result: string } // an activity has completed
  | { EventType: 6; TaskScheduledId: number; Reason: string; Details: string } // it has failed
  | { EventType: 11; TimerId: number } // a timer has fired
  | { EventType: 12; Timestamp: string } // the orchestrator runs because of the next event
  | { EventType: 15; Name: string; Input: string }; // somebody has raised an event

/** An action of the SDK; its type decides which fields it has. */
interface Action {
  actionType: number;
  compoundActions?: Action[];
  externalEventName: string;
  fireAt: Date;
  functionName: string;
  input?: unknown;
  instanceId: string;
  isCanceled?: boolean;
  operation: string;
  retryOptions: df.RetryOptions;
}

interface State {
  isDone: boolean;
  actions: Action[][];
  output?: unknown;
  customStatus?: unknown;
}

/** Let the SDK run an orchestrator from its first line through a history. */
export async function execute(
  orchestrator: Handler,
  input: unknown,
  history: HistoryEvent[],
  instanceId: string,
): Promise<Progress> {
  const trigger = {
    history: history.map((event) => ({ ...event })), // copies, because a run may change them
    input: structuredClone(input),
    instanceId,
    isReplaying: false, // the SDK works it out for each event
    upperSchemaVersion: 1,
  };
  const context = new df.DummyOrchestrationContext('', '', () => undefined);
  try {
    return progressOf((await orchestrator(trigger, context)) as State);
  } catch (error) {
    throw notes.error ?? causeOf(error);
  }
}

function progressOf(state: State): Progress {
  const actions = flatten(state.actions.flat());
  assert.equal(new Set(actions).size, actions.length, 'two compound tasks share a task');
  return {
    steps: actions.map(stepOf),
    canceled: [...actions.keys()].filter((position) => actions[position].isCanceled),
    created: notes.created,
    isDone: state.isDone,
    output: throughJson(state.output),
    customStatus: throughJson(state.customStatus),
  };
}

function flatten(actions: Action[]): Action[] {
  return actions.flatMap((action) =>
    action.compoundActions ? flatten(action.compoundActions) : action,
  );
}

function stepOf(action: Action): Step {
  switch (action.actionType) {
    case 0:
      return { activity: action.functionName, input: inputOf(action) };
    case 1:
      return { activity: action.functionName, input: inputOf(action), retry: retryOf(action) };
    case 4:
      return { continueAsNew: inputOf(action) };
    case 5:
      return { timer: action.fireAt };
    case 6:
      return { event: action.externalEventName };
    case 9:
      return signalOf(action);
    default:
      throw new Error(`tests/protocol.ts does not know this action yet: ${inspect(action)}`);
  }
}

/** Return the input of an activity or of the next generation; the SDK sends a string as JSON. */
function inputOf({ input }: Action): unknown {
  return throughJson(typeof input === 'string' ? JSON.parse(input) : input);
}

function retryOf({ retryOptions }: Action): Retry {
  const { backoffCoefficient: backoff, maxRetryIntervalInMilliseconds: maxInterval } = retryOptions;
  return {
    attempts: retryOptions.maxNumberOfAttempts,
    interval: retryOptions.firstRetryIntervalInMilliseconds,
    ...(backoff === undefined ? {} : { backoff }),
    ...(maxInterval === undefined ? {} : { maxInterval }),
  };
}

function signalOf({ instanceId, operation, input }: Action): Signal {
  const [, entity, ...key] = instanceId.split('@');
  return { entity, key: key.join('@'), operation, input: throughJson(input) };
}

/** Return an error of the SDK without the state that the host reads from its message. */
function causeOf(error: unknown): unknown {
  const [, state] = (error as Error).message.split('$OutOfProcData$:');
  return state ? new Error((JSON.parse(state) as { error: string }).error) : error;
}

/** Return what is left of a value after its way through the task hub; it must be all of it. */
export function throughJson(value: unknown): unknown {
  const json = JSON.stringify(value ?? null) as string | undefined; // none of a function
  const copy: unknown = JSON.parse(json ?? 'null');
  assert.ok(
    isDeepStrictEqual(copy, value ?? null),
    `JSON turns ${inspect(value)} into ${inspect(copy)}`,
  );
  return copy;
}
