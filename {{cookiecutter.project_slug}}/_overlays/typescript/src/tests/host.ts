/**
 * Calls HTTP functions as the Functions host does, and answers their durable client as the Durable
 * extension does: what is under test is the SDK's own client.
 */

import {
  HttpRequest,
  HttpResponse,
  InvocationContext,
  type HttpResponseInit,
} from '@azure/functions';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { after, before, beforeEach } from 'node:test';

import { BINDINGS, FUNCTIONS } from './app';

/** What the extension returns for calls such as `GET /instances/1`; for all others, 404. */
export const extension = new Map<string, { status: number; body?: unknown }>();

/** The calls that the extension has received in this test, with their bodies. */
export const received: [call: string, body?: unknown][] = [];

/** What functions have logged in this test. */
export const logs: unknown[] = [];

const server = createServer((request, response) => {
  const call = `${request.method} ${request.url}`;
  const answer = async (): Promise<void> => {
    received.push(request.method === 'POST' ? [call, await json(request)] : [call]);
    const { status, body } = extension.get(call) ?? { status: 404 };
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(body === undefined ? '' : JSON.stringify(body));
  };
  void answer();
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

/** Send a request to an HTTP function; `params` are the values of placeholders in its route. */
export async function send(
  name: string,
  body?: string | Uint8Array,
  params?: Record<string, string>,
): Promise<HttpResponse> {
  const request = new HttpRequest({
    method: 'POST',
    url: 'http://localhost:7071/api',
    body: body === undefined ? undefined : { bytes: Buffer.from(body) },
    params,
  });
  const response = (await FUNCTIONS[name](request, contextOf(name))) as
    HttpResponse | HttpResponseInit;
  return response instanceof HttpResponse ? response : new HttpResponse(response);
}

function contextOf(name: string): InvocationContext {
  const extraInputs = BINDINGS[name].filter(({ type }) => type === 'durableClient');
  const context = new InvocationContext({
    options: { extraInputs },
    logHandler: (_level, message) => logs.push(message),
  });
  context.extraInputs.set(extraInputs[0], clientData());
  return context;
}

/** What the extension passes to a durable client: where it listens, and the URLs of an instance. */
function clientData(): object {
  const { port } = server.address() as AddressInfo;
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
