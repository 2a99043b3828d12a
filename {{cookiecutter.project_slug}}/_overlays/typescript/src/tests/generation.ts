/** One generation of an orchestration, as the host sees it. */

import assert from 'node:assert/strict';
import { inspect } from 'node:util';

import type { HistoryEvent, Progress, Step } from './protocol';

/** The history of a generation, and the steps that are open. */
export class Generation {
  readonly history: HistoryEvent[] = [];
  readonly open = new Map<Step, { id: number; attempt: number }>();
  /** External events that the orchestrator has not waited for yet. */
  readonly unread: { name: string; data: unknown }[] = [];
  progress: Progress = { steps: [], canceled: [], created: [], isDone: false };
  #ids = 0;

  constructor(readonly input: unknown) {}

  /** Return the next id; the SDK counts in the same order. */
  takeId(): number {
    return this.#ids++;
  }

  /** Take over what the orchestrator has done since the last event. */
  advance(progress: Progress): void {
    const { steps } = this.progress;
    const added = progress.steps.slice(steps.length);
    this.progress = { ...progress, steps: [...steps, ...added] };
    added.forEach((step) => this.#schedule(step));
    progress.canceled.forEach((position) => this.open.delete(this.progress.steps[position]));
  }

  #schedule(step: Step): void {
    if ('entity' in step) {
      this.takeId(); // nobody waits for a signal
    } else if ('event' in step) {
      const early = this.unread.findIndex(({ name }) => name === step.event);
      if (early < 0) {
        this.open.set(step, { id: NaN, attempt: 1 }); // the host knows it by its name
      } else {
        this.unread.splice(early, 1);
      }
    } else if (!('continueAsNew' in step)) {
      this.open.set(step, { id: this.takeId(), attempt: 1 });
    }
  }

  /** Close an open step and return its id and attempt. */
  close(step: Step): { id: number; attempt: number } {
    const task = this.open.get(step);
    assert.ok(task, `${inspect(step)} is not open`);
    this.open.delete(step);
    return task;
  }
}
