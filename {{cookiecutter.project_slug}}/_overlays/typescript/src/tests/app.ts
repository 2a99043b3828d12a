/** The app under test as the Functions host sees it: its functions and bindings by name. */

import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { globSync, readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';

export type Handler = (input: unknown, context: InvocationContext) => unknown;

export interface Binding {
  name: string;
  type: string;
  [property: string]: unknown;
}

interface Metadata {
  name: string;
  bindings: Record<string, Binding>;
}

interface Contract {
  functions: Record<string, string[]>;
  completed: { name: string; body: object; output: object }[];
}

interface RejectedRequest {
  name: string;
  text?: string;
  body?: unknown;
  error: string;
}

const SRC = path.resolve(__dirname, '..', '..');

/** What the host calls; for an orchestrator, the SDK's wrapper around it. */
export const FUNCTIONS: Record<string, Handler> = {};

export const BINDINGS: Record<string, Binding[]> = {};

/** The orchestrators without their wrappers. */
export const ORCHESTRATORS: Record<string, df.OrchestrationHandler> = {};

const REQUESTS = path.join(SRC, '..', 'requests');

/** The functions of the app, and the orders that it must complete with an output. */
export const CONTRACT = readJson(path.join(REQUESTS, 'contract.json')) as Contract;

/** The requests that the app must refuse. */
export const REJECTED = readJson(path.join(REQUESTS, 'rejected.json')) as RejectedRequest[];

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Stand in for the module that the host gives to an app: without it, nothing is registered. */
function supplyCoreModule(): void {
  const core = {
    setProgrammingModel: () => undefined,
    registerFunction: ({ name, bindings }: Metadata, handler: Handler) => {
      FUNCTIONS[name] = handler;
      BINDINGS[name] = Object.values(bindings);
    },
  };
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called as a method below
  const original = Module.prototype.require;
  Module.prototype.require = function (this: Module, id: string): unknown {
    return id === '@azure/functions-core' ? core : original.call(this, id);
  };
}

/** Note each orchestrator before the SDK wraps it into something that only the host can run. */
function noteOrchestrators(): void {
  const { orchestration } = df.app;
  Object.assign(df.app, {
    orchestration: (name: string, handler: df.OrchestrationHandler) => {
      ORCHESTRATORS[name] = handler;
      return orchestration(name, handler);
    },
  });
}

/** Load the files that `main` in package.json matches, as the host does. */
function loadApp(): void {
  const { main } = readJson(path.join(SRC, 'package.json')) as { main: string };
  const load = createRequire(path.join(SRC, 'package.json'));
  for (const file of globSync(main, { cwd: SRC })) {
    load(path.join(SRC, file));
  }
}

supplyCoreModule();
noteOrchestrators();
loadApp();
