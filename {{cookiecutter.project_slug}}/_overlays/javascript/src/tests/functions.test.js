'use strict';

/** The exact functions of the app: one that is not registered would be missing without an error. */

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { BINDINGS, CONTRACT } = require('./app');

/** @param {string} name */
const camelCase = (name) => name[0].toLowerCase() + name.slice(1);

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
