'use strict';

/** The exact functions of the app: one that is not registered would be missing without an error. */

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { BINDINGS, ORCHESTRATORS } = require('./app');

test('the functions and their bindings', () => {
  const types = Object.entries(BINDINGS).map(([name, bindings]) => [
    name,
    bindings.map(({ type }) => type),
  ]);

  assert.deepEqual(Object.fromEntries(types), {
    startOrder: ['httpTrigger', 'durableClient', 'http'],
    processOrder: ['orchestrationTrigger'],
    validateOrder: ['activityTrigger'],
    processPayment: ['activityTrigger'],
    shipOrder: ['activityTrigger'],
  });
  assert.deepEqual(Object.keys(ORCHESTRATORS), ['processOrder']);
});

test('startOrder is a POST that needs a key', () => {
  const [{ route, methods, authLevel }] = BINDINGS.startOrder;

  assert.deepEqual(
    { route, methods, authLevel },
    { route: 'orders', methods: ['POST'], authLevel: 'function' },
  );
});
