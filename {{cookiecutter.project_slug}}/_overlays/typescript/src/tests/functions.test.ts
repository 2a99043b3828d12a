/** The exact functions of the app: one that is not registered would be missing without an error. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BINDINGS, CONTRACT } from './app';

const camelCase = (name: string): string => name[0].toLowerCase() + name.slice(1);

test('the functions and their triggers', () => {
  const triggers = Object.entries(BINDINGS).map(([name, [trigger]]) => [name, trigger.type]);
  const expected = Object.entries(CONTRACT.functions).flatMap(([trigger, names]) =>
    names.map((name) => [camelCase(name), trigger]),
  );

  assert.deepEqual(Object.fromEntries(triggers), Object.fromEntries(expected));
});

test('startOrder is a POST that needs a key', () => {
  const [{ route, methods, authLevel }] = BINDINGS.startOrder;

  assert.deepEqual(
    { route, methods, authLevel },
    { route: 'orders', methods: ['POST'], authLevel: 'function' },
  );
});
