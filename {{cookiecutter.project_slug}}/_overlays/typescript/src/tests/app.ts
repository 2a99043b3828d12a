/** The app under test as the Functions host sees it: its functions and bindings by name. */

import { InvocationContext } from '@azure/functions';
import { globSync, readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';

import { takeNotes } from './recorder';

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

/** A request whose body is text or JSON. */
interface SentRequest {
  name: string;
  text?: string;
  body?: unknown;
}

type RefusedRequest = SentRequest & { error: string };

interface Contract {
  functions: Record<string, string[]>;
  completed: {
    name: string;
    body: object;
    events?: { name: string; data: unknown }[];
    output: object;
  }[];
  rejectedApprovals: RefusedRequest[];
  rejectedSkus: { name: string; sku: string; error: string }[];
}

/** The folder `src/` of the project. */
export const SRC = path.resolve(__dirname, '..', '..');

/** What the host calls. */
export const FUNCTIONS: Record<string, Handler> = {};

export const BINDINGS: Record<string, Binding[]> = {};

/** The functions of the app, and what it must do with requests; which, depends on its pattern. */
export const CONTRACT = readRequests<Contract>('contract.json');

/** The requests that the app must accept, and the orders that reach the workflow. */
export const ACCEPTED = readRequests<(SentRequest & { order: object })[]>('accepted.json');

/** The requests that the app must refuse. */
export const REJECTED = readRequests<RefusedRequest[]>('rejected.json');

/** The version of a new orchestration, from host.json. */
export const DEFAULT_VERSION = readDefaultVersion();

function readDefaultVersion(): string {
  const host = readJson(path.join(SRC, 'host.json')) as {
    extensions: { durableTask: { defaultVersion?: string } };
  };
  return host.extensions.durableTask.defaultVersion ?? '';
}

function readRequests<T>(file: string): T {
  return readJson(path.join(SRC, '..', 'requests', file)) as T;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Run an activity by its name; return its result and what it logs. */
export async function runActivity(
  activity: string,
  input: unknown,
): Promise<{ result: unknown; logs: unknown[] }> {
  const logs: unknown[] = [];
  const context = new InvocationContext({ logHandler: (_level, message) => logs.push(message) });
  return { result: await FUNCTIONS[activity](input, context), logs };
}

/** Supply the module that the host gives to an app: without it, nothing is registered. */
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

/** Load the files that `main` in package.json matches, as the host does. */
function loadApp(): void {
  const { main } = readJson(path.join(SRC, 'package.json')) as { main: string };
  const load = createRequire(path.join(SRC, 'package.json'));
  for (const file of globSync(main, { cwd: SRC })) {
    load(path.join(SRC, file));
  }
}

supplyCoreModule();
takeNotes();
loadApp();
