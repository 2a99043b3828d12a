'use strict';

/** The app under test as the Functions host sees it: its functions and bindings by name. */

/** @import { InvocationContext } from '@azure/functions' */
/** @import { OrchestrationHandler } from 'durable-functions' */

const df = require('durable-functions');
const { globSync, readFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

/** @typedef {(input: unknown, context: InvocationContext) => unknown} Handler */
/** @typedef {{ name: string, type: string, [property: string]: unknown }} Binding */
/** @typedef {{ name: string, bindings: Record<string, Binding> }} Metadata */
/** @typedef {{ name: string, text?: string, body?: unknown, error: string }} RejectedRequest */

/**
 * @typedef {object} Contract
 * @property {Record<string, string[]>} functions
 * @property {{ name: string, body: object, output: object }[]} completed
 */

const SRC = path.resolve(__dirname, '..');

/**
 * What the host calls; for an orchestrator, the SDK's wrapper around it.
 *
 * @type {Record<string, Handler>}
 */
const FUNCTIONS = {};

/** @type {Record<string, Binding[]>} */
const BINDINGS = {};

/**
 * The orchestrators without their wrappers.
 *
 * @type {Record<string, OrchestrationHandler>}
 */
const ORCHESTRATORS = {};

const REQUESTS = path.join(SRC, '..', 'requests');

/**
 * The functions of the app, and the orders that it must complete with an output.
 *
 * @type {Contract}
 */
const CONTRACT = readJson(path.join(REQUESTS, 'contract.json'));

/**
 * The requests that the app must refuse.
 *
 * @type {RejectedRequest[]}
 */
const REJECTED = readJson(path.join(REQUESTS, 'rejected.json'));

/** @param {string} file */
function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Stand in for the module that the host gives to an app: without it, nothing is registered. */
function supplyCoreModule() {
  const core = {
    setProgrammingModel: () => undefined,
    /** @type {(metadata: Metadata, handler: Handler) => void} */
    registerFunction: ({ name, bindings }, handler) => {
      FUNCTIONS[name] = handler;
      BINDINGS[name] = Object.values(bindings);
    },
  };
  const original = Module.prototype.require;
  Module.prototype.require = function (/** @type {string} */ id) {
    return id === '@azure/functions-core' ? core : original.call(this, id);
  };
}

/** Note each orchestrator before the SDK wraps it into something that only the host can run. */
function noteOrchestrators() {
  const { orchestration } = df.app;
  Object.assign(df.app, {
    /** @type {(name: string, handler: OrchestrationHandler) => unknown} */
    orchestration: (name, handler) => {
      ORCHESTRATORS[name] = handler;
      return orchestration(name, handler);
    },
  });
}

/** Load the files that `main` in package.json matches, as the host does. */
function loadApp() {
  const { main } = readJson(path.join(SRC, 'package.json'));
  for (const file of globSync(main, { cwd: SRC })) {
    require(path.join(SRC, file));
  }
}

supplyCoreModule();
noteOrchestrators();
loadApp();

module.exports = { BINDINGS, CONTRACT, FUNCTIONS, ORCHESTRATORS, REJECTED };
