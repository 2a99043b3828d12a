/** Recorded histories: what `scripts/record-history` saves, a status of the Durable extension. */

import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { SRC } from './app';
import type { Activity, Signal, Timer } from './protocol';

/** An event of a history; its type decides which fields it has. */
export interface RecordedEvent {
  EventType: string;
  Timestamp: string;
  Details?: string | null;
  FireAt: string;
  FunctionName: string;
  Input?: string | null; // JSON
  InstanceId: string;
  Name: string;
  OrchestrationStatus?: string;
  Reason: string;
  Result?: unknown;
  ScheduledTime?: string;
}

/** The status of an instance with its history. */
export interface Recording {
  instanceId?: string;
  version?: string;
  customStatus?: unknown;
  historyEvents: RecordedEvent[] | null;
}

/** What an orchestrator asks the host for. */
export type Request = Activity | Timer | Signal;

/** A request of the recorded orchestrator; an input that was not recorded is undefined. */
export interface RecordedRequest {
  event: RecordedEvent;
  request: Request;
  /** When the orchestrator asked, as `sortable` returns it. */
  time: string;
}

/** The milliseconds by which times may differ: a host runs an orchestrator after the event. */
export const TOLERANCE = 500;

const HISTORIES = path.join(SRC, 'tests', 'histories');

/** The names of the recorded files. */
export const RECORDINGS = globSync('*.json', { cwd: HISTORIES });

/** Read a file of `RECORDINGS`, which may hold anything. */
export function readRecording(name: string): Partial<Recording> {
  return parsed(readFileSync(path.join(HISTORIES, name), 'utf8')) ?? {};
}

/** Return what the recorded orchestrator asked for, in the order of its calls. */
export function requestsOf(events: RecordedEvent[]): RecordedRequest[] {
  const requests = events.flatMap((event) => {
    const request = requestOf(event);
    const time = sortable(event.ScheduledTime ?? event.Timestamp);
    return request ? [{ event, request, time }] : [];
  });
  return requests.sort((one, other) => (one.time < other.time ? -1 : +(one.time > other.time)));
}

function requestOf(event: RecordedEvent): Request | undefined {
  switch (event.EventType) {
    case 'TaskCompleted':
    case 'TaskFailed':
      return { activity: event.FunctionName, input: inputOf(event) };
    case 'TaskScheduled':
      return { activity: event.Name, input: inputOf(event) };
    case 'TimerCreated':
      return { timer: new Date(event.FireAt) };
    case 'EventSent':
      return signalOf(event);
    default:
      return undefined;
  }
}

/** Return the input of an activity: in a list of one, and a text as JSON once more. */
function inputOf({ Input }: RecordedEvent): unknown {
  if (Input == null) {
    return undefined;
  }
  const inputs = parsed(Input);
  return parsed(Array.isArray(inputs) && inputs.length === 1 ? inputs[0] : inputs);
}

function signalOf({ InstanceId, Input }: RecordedEvent): Signal {
  const [, entity, ...key] = InstanceId.split('@');
  const { op, input } = parsed(Input) as { op: string; input?: string };
  return { entity, key: key.join('@'), operation: op, input: parsed(input) ?? null };
}

/** Return the value of a JSON text; all other values remain as they are. */
export function parsed(value: unknown): unknown {
  try {
    return typeof value === 'string' ? JSON.parse(value) : value;
  } catch {
    return value;
  }
}

/** Return whether a request, made at a time of the replay, repeats a recorded one. */
export function repeats(request: Request, now: Date, recorded: RecordedRequest): boolean {
  const { event, request: before } = recorded;
  if ('timer' in request && 'timer' in before) {
    const delay = before.timer.getTime() - request.timer.getTime();
    const longest = new Date(event.Timestamp).getTime() - now.getTime();
    return delay >= -TOLERANCE && delay <= longest + TOLERANCE;
  }
  if ('activity' in request && 'activity' in before) {
    const isRecorded = before.input !== undefined;
    const isSameInput = !isRecorded || isDeepStrictEqual(request.input ?? null, before.input);
    return request.activity === before.activity && isSameInput;
  }
  return isDeepStrictEqual(request, before);
}

/** Return the milliseconds from one time to another. */
export function timeBetween(start: string, end: string): number {
  return new Date(end).getTime() - new Date(start).getTime();
}

/** Return a time as a text that sorts as the times do: a Date has only three of its seven digits. */
export function sortable(time: string): string {
  const [seconds, fraction = ''] = time.replace('Z', '').split('.');
  return `${seconds}.${fraction.padEnd(7, '0')}`;
}
