/**
 * Replays a recorded history with today's orchestrator, as the host does after a deployment: the
 * orchestrator must ask for the same activities, timers and signals, and must end the same way.
 */

import { isDeepStrictEqual } from 'node:util';

import { FUNCTIONS } from './app';
import type { Activity, Step } from './protocol';
import {
  parsed,
  readRecording,
  repeats,
  requestsOf,
  sortable,
  timeBetween,
  TOLERANCE,
  type RecordedEvent,
  type RecordedRequest,
  type Recording,
  type Request,
} from './recording';
import { NonDeterministicOrchestratorError, Replay, type Pause } from './replay';
import { ADVICE, contrast, did, does, needsInput, seconds, waits } from './wording';

const KNOWN_EVENTS = [
  ...['ExecutionStarted', 'ExecutionCompleted', 'ExecutionTerminated', 'ExecutionRewound'],
  ...['ExecutionSuspended', 'ExecutionResumed', 'GenericEvent', 'HistoryState'],
  ...['TaskScheduled', 'TaskCompleted', 'TaskFailed', 'TimerCreated', 'TimerFired'],
  ...['EventRaised', 'EventSent'],
];

/** Today's orchestrator does not do what the recorded one did, or the file cannot tell. */
export class RecordedHistoryError extends Error {
  override readonly name = 'RecordedHistoryError';
}

/** Replay a file of `RECORDINGS`; throw RecordedHistoryError at the first difference. */
export async function replayRecording(name: string): Promise<void> {
  const file = `src/tests/histories/${name}`;
  const { historyEvents, ...status } = readRecording(name);
  if (historyEvents?.[0]?.EventType !== 'ExecutionStarted') {
    throw new RecordedHistoryError(
      `${file} is not a recorded history: write it with scripts/record-history.`,
    );
  }
  const [{ FunctionName }] = historyEvents;
  if (!(FunctionName in FUNCTIONS)) {
    throw new RecordedHistoryError(
      `${file}, historyEvents[0]: the app has no orchestrator "${FunctionName}". ${ADVICE}`,
    );
  }
  await new RecordedHistory(file, historyEvents, status).replay();
}

class RecordedHistory {
  readonly #run: Replay;
  #failure?: Error;
  #position = 0; // of the last event
  #knownSteps = 0;
  /** What the recorded orchestrator asked for, and today's has not yet. */
  readonly #unclaimed: Map<RecordedEvent, RecordedRequest>;
  /** What today's orchestrator has asked for, by the event that records it. */
  readonly #claims = new Map<RecordedEvent, Request | Pause>();

  constructor(
    readonly file: string,
    readonly events: RecordedEvent[],
    readonly status: Omit<Recording, 'historyEvents'>,
  ) {
    const [{ FunctionName, Input, Timestamp }] = events;
    const once = parsed(Input); // some clients send JSON in JSON
    const twice = parsed(once);
    const input = typeof twice === 'object' ? twice : once;
    const { version = '', instanceId } = status;
    const now = new Date(Timestamp);
    this.#run = new Replay(FUNCTIONS[FunctionName], input, version, now, instanceId);
    this.#unclaimed = new Map(requestsOf(events).map((request) => [request.event, request]));
  }

  async replay(): Promise<void> {
    this.events.forEach((event, position) => this.#checkKnown(event, position));
    await this.#follow(() => this.#run.begin());
    const heldFrom = suspendedAt(this.events);
    for (const event of this.events.slice(1)) {
      this.#position += 1;
      this.#checkClaimed(event);
      if (this.#position < heldFrom) {
        await this.#follow(() => this.#happen(event));
      }
    }
    this.#checkEnd();
  }

  /** Let something happen, unless the orchestrator has failed; it may fail because of it. */
  async #follow(happen: () => Promise<void>): Promise<void> {
    if (this.#failure) {
      return;
    }
    try {
      await happen();
    } catch (error) {
      if (isFinding(error)) {
        throw error;
      }
      this.#failure = error as Error;
      return;
    }
    this.#claimNewSteps();
  }

  async #happen(event: RecordedEvent): Promise<void> {
    const activity = this.#claims.get(event) as Activity;
    this.#run.now = new Date(event.Timestamp);
    switch (event.EventType) {
      case 'TaskCompleted':
        await this.#run.complete(event.Result, activity);
        break;
      case 'TaskFailed':
        await this.#failAttempt(event, activity);
        break;
      case 'TimerFired':
        await this.#fireTimer(event);
        break;
      case 'EventRaised':
        if (!this.#run.hasEnded) {
          await this.#run.raiseEvent(event.Name, parsed(event.Input));
        }
        break;
      default: // changes nothing for the orchestrator
    }
  }

  async #failAttempt(event: RecordedEvent, activity: Activity): Promise<void> {
    const pause = await this.#run.failAttempt(activity, event.Reason, event.Details ?? '');
    if (!pause) {
      return;
    }
    const timer = this.events.find(
      (other) => other.EventType === 'TimerCreated' && this.#unclaimed.has(other),
    );
    this.#checkPause(pause, activity.activity, event, timer);
    if (!timer) {
      await pause.end();
      return;
    }
    this.#claim(timer, pause);
    const next = [...this.#unclaimed.values()].find(
      (recorded) =>
        recorded.time >= sortable(timer.FireAt) && repeats(activity, this.#run.now, recorded),
    );
    if (next && pause.length > 0) {
      this.#claim(next.event, activity);
    }
  }

  #checkPause(pause: Pause, activity: string, failed: RecordedEvent, timer?: RecordedEvent): void {
    const shortest = timer ? timeBetween(timer.Timestamp, timer.FireAt) : 0;
    const longest = timer ? timeBetween(failed.Timestamp, timer.FireAt) : 0;
    if (pause.length >= shortest - TOLERANCE && pause.length <= longest + TOLERANCE) {
      return;
    }
    const attempt = `after attempt ${pause.attempt}`;
    throw this.#difference(
      this.#position,
      shortest < TOLERANCE
        ? `made no further attempt of activity "${activity}" ${attempt}`
        : `paused ${seconds(shortest)} ${attempt} of activity "${activity}"`,
      pause.length > 0 ? `pauses ${seconds(pause.length)}` : 'makes no further attempt',
    );
  }

  /** Let a timer fire, or end a pause. A timer may fire, too, when nobody waits for it any more. */
  async #fireTimer({ FireAt }: RecordedEvent): Promise<void> {
    const created = this.events.find(
      (event) =>
        event.EventType === 'TimerCreated' && event.FireAt === FireAt && this.#claims.has(event),
    );
    const claim = created && this.#claims.get(created);
    if (!claim) {
      return;
    }
    this.#claims.delete(created);
    if ('end' in claim) {
      await claim.end();
    } else if ('timer' in claim && this.#run.waitsFor.includes(claim)) {
      await this.#run.fireTimer(claim);
    }
  }

  /** Find what the orchestrator asks for now in what was asked for then, in the same order. */
  #claimNewSteps(): void {
    const { steps, now } = this.#run;
    const requests = steps.slice(this.#knownSteps).filter(isRequest);
    this.#knownSteps = steps.length;
    for (const request of requests) {
      const [recorded] = this.#unclaimed.values();
      this.#checkRepeated(request, now, recorded);
      this.#claim(recorded.event, request);
    }
  }

  #claim(event: RecordedEvent, request: Request | Pause): void {
    this.#unclaimed.delete(event);
    this.#claims.set(event, request);
  }

  #checkRepeated(request: Request, now: Date, recorded?: RecordedRequest): void {
    if (!recorded) {
      const today = does(request, now);
      throw this.#difference(this.events.length - 1, 'asked for nothing more', today);
    }
    if (!repeats(request, now, recorded)) {
      const words = contrast(recorded, request, now);
      throw this.#difference(this.events.indexOf(recorded.event), words.did, words.does);
    }
  }

  #checkKnown({ EventType }: RecordedEvent, position: number): void {
    if (!KNOWN_EVENTS.includes(EventType)) {
      const advice = 'add them to src/tests/replay.ts.';
      const message = `the replay helper has no ${EventType} events: ${advice}`;
      throw this.#error(position, message);
    }
  }

  /** Check that today's orchestrator has asked for what an event records. */
  #checkClaimed(event: RecordedEvent): void {
    const recorded = this.#unclaimed.get(event);
    if (recorded) {
      const withInput = needsInput(recorded, this.#run.waitsFor);
      throw this.#difference(this.#position, did(recorded, withInput), this.#state(withInput));
    }
  }

  #checkEnd(): void {
    const end = this.events.findLast(({ OrchestrationStatus: status }) =>
      ['Completed', 'Failed'].includes(status ?? ''),
    );
    const position = end ? this.events.indexOf(end) : this.#position;
    if (!end) {
      this.#check(this.#isWaiting, position, 'was still running');
    } else if (end.OrchestrationStatus === 'Failed') {
      this.#check(this.#failure !== undefined, position, 'failed');
      return;
    } else {
      const output = end.Result ?? null;
      const isSame = this.#hasReturned && isDeepStrictEqual(this.#run.output, output);
      this.#check(isSame, position, `returned ${JSON.stringify(output)}`);
    }
    this.#checkCustomStatus();
  }

  #checkCustomStatus(): void {
    const { customStatus } = this.status;
    if (customStatus != null && !isDeepStrictEqual(customStatus, this.#run.customStatus)) {
      throw this.#difference(
        this.#position,
        `had the custom status ${JSON.stringify(customStatus)}`,
        `has ${JSON.stringify(this.#run.customStatus)}`,
      );
    }
  }

  #check(isSame: boolean, position: number, before: string): void {
    if (!isSame) {
      throw this.#difference(position, before, this.#state());
    }
  }

  get #isWaiting(): boolean {
    return !this.#failure && this.#run.continuedAsNew === undefined && !this.#hasReturned;
  }

  /** The host ends an orchestration when it has returned and nothing is open. */
  get #hasReturned(): boolean {
    if (this.#failure) {
      return false;
    }
    const { hasEnded, continuedAsNew, waitsFor } = this.#run;
    return hasEnded && continuedAsNew === undefined && !waitsFor.some(isRequest);
  }

  /** What today's orchestrator does after the last event. */
  #state(withInputs = false): string {
    if (this.#failure) {
      return `fails: ${this.#failure.message.replaceAll(/\s+/g, ' ')}`;
    }
    const { continuedAsNew, waitsFor } = this.#run;
    if (continuedAsNew !== undefined) {
      return 'continues as new';
    }
    return this.#hasReturned
      ? `returns ${JSON.stringify(this.#run.output)}`
      : waits(waitsFor, new Date(this.events[this.#position].Timestamp), withInputs);
  }

  #difference(position: number, before: string, today: string): RecordedHistoryError {
    const difference = `the recorded orchestration ${before}, but today's orchestrator ${today}.`;
    return this.#error(position, `${difference} ${ADVICE}`);
  }

  #error(position: number, message: string): RecordedHistoryError {
    return new RecordedHistoryError(`${this.file}, historyEvents[${position}]: ${message}`);
  }
}

/** Return from where on the host holds events back from an orchestrator that is suspended. */
function suspendedAt(events: RecordedEvent[]): number {
  const suspended = events.findLastIndex(({ EventType }) => EventType === 'ExecutionSuspended');
  const resumed = events.findLastIndex(({ EventType }) => EventType === 'ExecutionResumed');
  return suspended > resumed ? suspended : events.length;
}

function isRequest(step: Step): step is Request {
  return 'activity' in step || 'timer' in step || 'entity' in step;
}

/** Return whether an error is about the history or the replay, not of the orchestrator. */
function isFinding(error: unknown): boolean {
  return (
    error instanceof RecordedHistoryError || error instanceof NonDeterministicOrchestratorError
  );
}
