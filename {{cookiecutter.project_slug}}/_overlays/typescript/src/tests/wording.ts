/** The words for what orchestrators ask for, in messages about recorded histories. */

import type { Step } from './protocol';
import type { RecordedRequest, Request } from './recording';

/** What to do about a change. */
export const ADVICE =
  'Running instances like this one would break. Keep the old path for their version and raise ' +
  '"defaultVersion" in src/host.json: see "Change the workflow" in README.md. ' +
  'If no instance runs the old code, record the history again.';

/** Say what was asked for: `called activity "shipOrder"`. */
export function did({ event, request }: RecordedRequest, withInput = false): string {
  const verb = 'activity' in request ? 'called' : 'timer' in request ? 'started' : 'sent';
  return `${verb} ${describe(request, new Date(event.Timestamp), withInput)}`;
}

/** Say what is asked for now: `calls activity "shipOrder"`. */
export function does(request: Request, now: Date, withInput = false): string {
  const verb = 'activity' in request ? 'calls' : 'timer' in request ? 'starts' : 'sends';
  return `${verb} ${describe(request, now, withInput)}`;
}

/** Say how a request differs from the recorded one. */
export function contrast(
  recorded: RecordedRequest,
  request: Request,
  now: Date,
): { did: string; does: string } {
  const isOnlyInput = nameOf(recorded.request, now) === nameOf(request, now);
  return { did: did(recorded, isOnlyInput), does: does(request, now, isOnlyInput) };
}

/** Say what an orchestrator waits for. */
export function waits(steps: Step[], now: Date, withInputs = false): string {
  return `waits for ${steps.map((step) => describe(step, now, withInputs)).join(' and ')}`;
}

/** Return whether a step has the same activity: then only the inputs tell them apart. */
export function needsInput({ request }: RecordedRequest, steps: Step[]): boolean {
  return (
    'activity' in request &&
    steps.some((step) => 'activity' in step && step.activity === request.activity)
  );
}

/** Write a time in whole seconds. */
export function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1_000)} s`;
}

function describe(step: Step, now: Date, withInput: boolean): string {
  return nameOf(step, now) + (withInput ? inputOf(step) : '');
}

function nameOf(step: Step, now: Date): string {
  if ('activity' in step) {
    return `activity "${step.activity}"`;
  }
  if ('timer' in step) {
    return `a timer of ${seconds(step.timer.getTime() - now.getTime())}`;
  }
  if ('entity' in step) {
    return `signal "${step.operation}" to entity "${step.entity}" with key "${step.key}"`;
  }
  return 'event' in step ? `event "${step.event}"` : 'the next generation';
}

function inputOf(step: Step): string {
  if (!('input' in step) || step.input === undefined) {
    return '';
  }
  const input = JSON.stringify(step.input);
  return 'entity' in step ? ` with input ${input}` : ` with ${input}`;
}
