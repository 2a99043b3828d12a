'use strict';

/** Orders and results as they travel between HTTP, orchestrator and activities: plain JSON. */

const z = require('zod');

const SHORT_TEXT = 'must be a non-empty string of at most 100 characters';
const SKU = "must be 1 to 64 letters, digits, '.', '_' or '-'";
const QUANTITY = 'must be a whole number from 1 to 1000000';

// A character that is white space neither to Unicode nor to Python, .NET or JavaScript.
// eslint-disable-next-line no-control-regex -- U+001C to U+001F are white space to Python
const VISIBLE = /[^\p{White_Space}\u{1c}-\u{1f}\u{feff}]/u;

/** A name for people. Spreading counts characters; `length` counts some, such as emoji, twice. */
const shortText = z
  .string(SHORT_TEXT)
  .regex(VISIBLE, SHORT_TEXT)
  // JSON can escape half of such a character; nothing can store that.
  .refine((text) => text.isWellFormed() && [...text].length <= 100, SHORT_TEXT);

const sku = z.string(SKU).regex(/^[A-Za-z0-9._-]{1,64}$/, SKU);

const orderItemSchema = z.object(
  {
    sku,
    quantity: z.int(QUANTITY).min(1, QUANTITY).max(1_000_000, QUANTITY),
    unitPrice: z.number('must be a number'),
  },
  'must be an object',
);

const orderSchema = z.object(
  {
    id: shortText,
    items: z.array(orderItemSchema, 'must be a list'),
    total: z.number('must be a number'),
  },
  'must be a JSON object',
);

/**
 * One line of an order; the price is per unit.
 *
 * @typedef {z.infer<typeof orderItemSchema>} OrderItem
 */

/**
 * A well-formed order. `validateOrder` decides whether it can be processed.
 *
 * @typedef {z.infer<typeof orderSchema>} Order
 */

/**
 * The output of the workflow; `reason` is there when the order was not fulfilled.
 *
 * @typedef {object} OrderResult
 * @property {boolean} success
 * @property {string} orderId
 * @property {string} [reason]
 */

/**
 * Return the output of a workflow that did all its work.
 *
 * @param {Order} order
 * @returns {OrderResult}
 */
function fulfilled(order) {
  return { success: true, orderId: order.id };
}

/**
 * Return the output of a workflow that ended early, and why.
 *
 * @param {Order} order
 * @param {string} reason
 * @returns {OrderResult}
 */
function notFulfilled(order, reason) {
  return { success: false, orderId: order.id, reason };
}

/**
 * Data in the form of its schema, or the first rule that it breaks.
 *
 * @template T
 * @typedef {{ data: T, error?: undefined } | { data?: undefined, error: string }} Parsed
 */

/**
 * Read a request body by its schema; fields that the schema does not have are dropped.
 *
 * @template T
 * @param {z.ZodType<T>} schema
 * @param {ArrayBuffer} body
 * @returns {Parsed<T>}
 */
function parseBody(schema, body) {
  let value;
  try {
    // Without `fatal`, bytes that are not UTF-8 would become U+FFFD and reach the workflow.
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return { error: 'body is not valid JSON' };
  }
  return parse(schema, value);
}

/**
 * Read a value from outside by its schema.
 *
 * @template T
 * @param {z.ZodType<T>} schema
 * @param {unknown} value
 * @returns {Parsed<T>}
 */
function parse(schema, value) {
  const { data, error } = schema.safeParse(value);
  if (error) {
    const [{ path, message }] = error.issues;
    return { error: `${z.core.toDotPath(path) || 'body'} ${message}` };
  }
  return { data };
}

module.exports = { fulfilled, notFulfilled, orderSchema, parse, parseBody, shortText, sku };
