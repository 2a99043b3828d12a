'use strict';

/** One generation of an orchestration, as the host sees it. */

/** @import { HistoryEvent, Progress, Step } from './protocol' */

const assert = require('node:assert/strict');
const { inspect } = require('node:util');

/** The history of a generation, and the steps that are open. */
class Generation {
  /** @type {HistoryEvent[]} */
  history = [];

  /** @type {Map<Step, { id: number, attempt: number }>} */
  open = new Map();

  /**
   * External events that the orchestrator has not waited for yet.
   *
   * @type {{ name: string, data: unknown }[]}
   */
  unread = [];

  /** @type {Progress} */
  progress = { steps: [], canceled: [], created: [], isDone: false };

  #ids = 0;

  /** @param {unknown} input */
  constructor(input) {
    this.input = input;
  }

  /** Return the next id; the SDK counts in the same order. */
  takeId() {
    return this.#ids++;
  }

  /**
   * Take over what the orchestrator has done since the last event.
   *
   * @param {Progress} progress
   */
  advance(progress) {
    const { steps } = this.progress;
    const added = progress.steps.slice(steps.length);
    this.progress = { ...progress, steps: [...steps, ...added] };
    added.forEach((step) => this.#schedule(step));
    progress.canceled.forEach((position) => this.open.delete(this.progress.steps[position]));
  }

  /** @param {Step} step */
  #schedule(step) {
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

  /**
   * Close an open step and return its id and attempt.
   *
   * @param {Step} step
   */
  close(step) {
    const task = this.open.get(step);
    assert.ok(task, `${inspect(step)} is not open`);
    this.open.delete(step);
    return task;
  }
}

module.exports = { Generation };
