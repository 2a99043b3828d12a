'use strict';

/**
 * Calls HTTP functions as the Functions host does, and answers their durable client as the Durable
 * extension does: what is under test is the SDK's own client.
 */

/** @import { HttpResponseInit } from '@azure/functions' */
/** @import { AddressInfo } from 'node:net' */

const { HttpRequest, HttpResponse, InvocationContext } = require('@azure/functions');
const { once } = require('node:events');
const { createServer } = require('node:http');
const { json } = require('node:stream/consumers');
const { after, before, beforeEach } = require('node:test');

const { BINDINGS, FUNCTIONS } = require('./app');

/**
 * What the extension returns for calls such as `GET /instances/1`; for all others, 404.
 *
 * @type {Map<string, { status: number, body?: unknown }>}
 */
const extension = new Map();

/**
 * The calls that the extension has received in this test, with their bodies.
 *
 * @type {[call: string, body?: unknown][]}
 */
const received = [];

/**
 * What functions have logged in this test.
 *
 * @type {unknown[]}
 */
const logs = [];

const server = createServer(async (request, response) => {
  const call = `${request.method} ${request.url}`;
  received.push(request.method === 'POST' ? [call, await json(request)] : [call]);
  const { status, body } = extension.get(call) ?? { status: 404 };
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(body === undefined ? '' : JSON.stringify(body));
});

before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

beforeEach(() => {
  extension.clear();
  received.length = 0;
  logs.length = 0;
});

after(() => server.close());

/**
 * Send a request to an HTTP function; `params` are the values of placeholders in its route.
 *
 * @param {string} name
 * @param {string | Uint8Array} [body]
 * @param {Record<string, string>} [params]
 */
async function send(name, body, params) {
  const request = new HttpRequest({
    method: 'POST',
    url: 'http://localhost:7071/api',
    body: body === undefined ? undefined : { bytes: Buffer.from(body) },
    params,
  });
  const response = await FUNCTIONS[name](request, contextOf(name));
  return response instanceof HttpResponse
    ? response
    : new HttpResponse(/** @type {HttpResponseInit} */ (response));
}

/** @param {string} name */
function contextOf(name) {
  const extraInputs = BINDINGS[name].filter(({ type }) => type === 'durableClient');
  const context = new InvocationContext({
    options: { extraInputs },
    logHandler: (_level, message) => logs.push(message),
  });
  context.extraInputs.set(extraInputs[0], clientData());
  return context;
}

/** What the extension passes to a durable client: where it listens, and the URLs of an instance. */
function clientData() {
  const { port } = /** @type {AddressInfo} */ (server.address());
  const instance = 'http://localhost:7071/instances/INSTANCE';
  return {
    taskHubName: 'default',
    creationUrls: {},
    managementUrls: {
      id: 'INSTANCE',
      statusQueryGetUri: instance,
      sendEventPostUri: `${instance}/raiseEvent/{eventName}`,
      terminatePostUri: `${instance}/terminate`,
    },
    rpcBaseUrl: `http://127.0.0.1:${port}/`,
  };
}

module.exports = { extension, logs, received, send };
