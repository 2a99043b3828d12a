'use strict';

/** Orders and results as they travel between HTTP, orchestrator and activities: plain JSON. */

/**
 * One line of an order; the price is per unit.
 *
 * @typedef {object} OrderItem
 * @property {string} sku
 * @property {number} quantity
 * @property {number} unitPrice
 */

/**
 * A well-formed order. `validateOrder` decides whether it can be processed.
 *
 * @typedef {object} Order
 * @property {string} id
 * @property {OrderItem[]} items
 * @property {number} total
 */

/**
 * The output of the workflow; `reason` is there when the order was not fulfilled.
 *
 * @typedef {object} OrderResult
 * @property {boolean} success
 * @property {string} orderId
 * @property {string} [reason]
 */

/** A request body that is not a well-formed order; the message is meant for the caller. */
class InvalidOrderError extends Error {
  name = 'InvalidOrderError';
}

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
 * Read an order from a request body; fields that an order does not have are dropped.
 *
 * @param {ArrayBuffer} body
 * @returns {Order}
 * @throws {InvalidOrderError} for the first rule that the body breaks.
 */
function parseOrder(body) {
  const document = requireObject(parseJson(body), 'body must be a JSON object');
  return {
    id: requireId(document.id),
    items: requireList(document.items, 'items').map((item, index) =>
      parseItem(item, `items[${index}]`),
    ),
    total: requireNumber(document.total, 'total'),
  };
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {OrderItem}
 */
function parseItem(value, name) {
  const item = requireObject(value, `${name} must be an object`);
  return {
    sku: requireSku(item.sku, `${name}.sku`),
    quantity: requireQuantity(item.quantity, `${name}.quantity`),
    unitPrice: requireNumber(item.unitPrice, `${name}.unitPrice`),
  };
}

/**
 * @param {ArrayBuffer} body
 * @returns {unknown}
 */
function parseJson(body) {
  try {
    // Without `fatal`, bytes that are not UTF-8 would become U+FFFD and reach the workflow.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new InvalidOrderError('body is not valid JSON', { cause: error });
  }
}

/**
 * @param {unknown} value
 * @param {string} message
 * @returns {Record<string, unknown>}
 */
function requireObject(value, message) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidOrderError(message);
  }
  return /** @type {Record<string, unknown>} */ (value);
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {unknown[]}
 */
function requireList(value, name) {
  if (!Array.isArray(value)) {
    throw new InvalidOrderError(`${name} must be a list`);
  }
  return value;
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function requireId(value) {
  // Spreading counts characters; `length` would count some of them, such as emoji, twice. JSON can
  // escape half of such a character; nothing can store that.
  if (
    typeof value !== 'string' ||
    value.trim() === '' ||
    [...value].length > 100 ||
    !value.isWellFormed()
  ) {
    throw new InvalidOrderError('id must be a non-empty string of at most 100 characters');
  }
  return value;
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {string}
 */
function requireSku(value, name) {
  if (typeof value !== 'string' || !/^[A-Za-z0-9._-]{1,64}$/.test(value)) {
    throw new InvalidOrderError(`${name} must be 1 to 64 letters, digits, '.', '_' or '-'`);
  }
  return value;
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {number}
 */
function requireQuantity(value, name) {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 1_000_000) {
    throw new InvalidOrderError(`${name} must be a whole number from 1 to 1000000`);
  }
  return value;
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {number}
 */
function requireNumber(value, name) {
  // JSON has no infinity, but a number such as 1e999 becomes one.
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new InvalidOrderError(`${name} must be a number`);
  }
  return value;
}

module.exports = { InvalidOrderError, fulfilled, notFulfilled, parseOrder };
