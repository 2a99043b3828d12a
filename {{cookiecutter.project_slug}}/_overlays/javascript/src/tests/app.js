'use strict';

/** The app under test as the Functions host sees it: its functions and bindings by name. */

const { InvocationContext } = require('@azure/functions');
const { globSync, readFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const { takeNotes } = require('./recorder');

/** @typedef {(input: unknown, context: InvocationContext) => unknown} Handler */
/** @typedef {{ name: string, type: string, [property: string]: unknown }} Binding */
/** @typedef {{ name: string, bindings: Record<string, Binding> }} Metadata */
/** @typedef {{ name: string, text?: string, body?: unknown }} SentRequest Its body is text or JSON. */
/** @typedef {SentRequest & { error: string }} RefusedRequest */
/** @typedef {{ name: string, data: unknown }} RaisedEvent */

/**
 * @typedef {object} Contract
 * @property {Record<string, string[]>} functions
 * @property {{ name: string, body: object, events?: RaisedEvent[], output: object }[]} completed
 * @property {RefusedRequest[]} rejectedApprovals
 * @property {{ name: string, sku: string, error: string }[]} rejectedSkus
 */

/** The folder `src/` of the project. */
const SRC = path.resolve(__dirname, '..');

/**
 * What the host calls.
 *
 * @type {Record<string, Handler>}
 */
const FUNCTIONS = {};

/** @type {Record<string, Binding[]>} */
const BINDINGS = {};

/**
 * The functions of the app, and what it must do with requests; which, depends on its pattern.
 *
 * @type {Contract}
 */
const CONTRACT = readRequests('contract.json');

/**
 * The requests that the app must accept, and the orders that reach the workflow.
 *
 * @type {(SentRequest & { order: object })[]}
 */
const ACCEPTED = readRequests('accepted.json');

/**
 * The requests that the app must refuse.
 *
 * @type {RefusedRequest[]}
 */
const REJECTED = readRequests('rejected.json');

/** The version of a new orchestration, from host.json. */
const DEFAULT_VERSION = readDefaultVersion();

/** @returns {string} */
function readDefaultVersion() {
  const host = readJson(path.join(SRC, 'host.json'));
  return host.extensions.durableTask.defaultVersion ?? '';
}

/** @param {string} file */
function readRequests(file) {
  return readJson(path.join(SRC, '..', 'requests', file));
}

/** @param {string} file */
function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/**
 * Run an activity by its name; return its result and what it logs.
 *
 * @param {string} activity
 * @param {unknown} input
 */
async function runActivity(activity, input) {
  /** @type {unknown[]} */
  const logs = [];
  const context = new InvocationContext({ logHandler: (_level, message) => logs.push(message) });
  return { result: await FUNCTIONS[activity](input, context), logs };
}

/** Supply the module that the host gives to an app: without it, nothing is registered. */
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

/** Load the files that `main` in package.json matches, as the host does. */
function loadApp() {
  const { main } = readJson(path.join(SRC, 'package.json'));
  for (const file of globSync(main, { cwd: SRC })) {
    require(path.join(SRC, file));
  }
}

supplyCoreModule();
takeNotes();
loadApp();

module.exports = {
  ACCEPTED,
  BINDINGS,
  CONTRACT,
  DEFAULT_VERSION,
  FUNCTIONS,
  REJECTED,
  runActivity,
  SRC,
};
