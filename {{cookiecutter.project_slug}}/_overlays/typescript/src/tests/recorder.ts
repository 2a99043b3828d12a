/**
 * Notes what an orchestrator does and the SDK does not report: the tasks that it creates, yielded or
 * not, and the error that it throws, with its stack.
 */

import * as df from 'durable-functions';

const METHODS = [
  'callActivity',
  'callActivityWithRetry',
  'createTimer',
  'waitForExternalEvent',
] as const;

/** What the current run has created (activities and events by name, timers by date) and thrown. */
export const notes: { created: unknown[]; error?: unknown } = { created: [] };

/** Take notes of the activities and orchestrators that are registered from now on. */
export function takeNotes(): void {
  const { activity, orchestration } = df.app;
  Object.assign(df.app, {
    activity: (name: string, options: df.ActivityOptions): df.RegisteredActivity => {
      const call = activity(name, options);
      return (input) => {
        notes.created.push(name);
        return call(input);
      };
    },
    orchestration: (
      name: string,
      options: df.OrchestrationHandler | df.OrchestrationOptions,
    ): df.RegisteredOrchestration => {
      const { handler, ...others } = typeof options === 'function' ? { handler: options } : options;
      return orchestration(name, { ...others, handler: noted(handler) });
    },
  });
}

function noted(handler: df.OrchestrationHandler): df.OrchestrationHandler {
  return function* (context) {
    notes.created = [];
    notes.error = undefined;
    METHODS.forEach((method) => noteCalls(context.df, method));
    try {
      return yield* handler(context);
    } catch (error) {
      notes.error = error;
      throw error;
    }
  };
}

function noteCalls(
  durable: df.DurableOrchestrationContext,
  method: (typeof METHODS)[number],
): void {
  const create = durable[method].bind(durable) as (...values: unknown[]) => df.Task;
  durable[method] = (...values: unknown[]) => {
    notes.created.push(values[0]);
    return create(...values) as df.TimerTask;
  };
}
