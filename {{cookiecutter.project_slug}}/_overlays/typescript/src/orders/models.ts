/** Orders and results as they travel between HTTP, orchestrator and activities: plain JSON. */

/** One line of an order; the price is per unit. */
export interface OrderItem {
  sku: string;
  quantity: number;
  unitPrice: number;
}

/** A well-formed order. `validateOrder` decides whether it can be processed. */
export interface Order {
  id: string;
  items: OrderItem[];
  total: number;
}

/** The output of the workflow; `reason` is there when the order was not fulfilled. */
export interface OrderResult {
  success: boolean;
  orderId: string;
  reason?: string;
}

/** A request body that is not a well-formed order; the message is meant for the caller. */
export class InvalidOrderError extends Error {
  override readonly name = 'InvalidOrderError';
}

/** Return the output of a workflow that did all its work. */
export function fulfilled(order: Order): OrderResult {
  return { success: true, orderId: order.id };
}

/** Return the output of a workflow that ended early, and why. */
export function notFulfilled(order: Order, reason: string): OrderResult {
  return { success: false, orderId: order.id, reason };
}

/**
 * Read an order from a request body; fields that an order does not have are dropped.
 *
 * @throws InvalidOrderError for the first rule that the body breaks.
 */
export function parseOrder(body: ArrayBuffer): Order {
  const document = requireObject(parseJson(body), 'body must be a JSON object');
  return {
    id: requireId(document.id),
    items: requireList(document.items, 'items').map((item, index) =>
      parseItem(item, `items[${index}]`),
    ),
    total: requireNumber(document.total, 'total'),
  };
}

function parseItem(value: unknown, name: string): OrderItem {
  const item = requireObject(value, `${name} must be an object`);
  return {
    sku: requireSku(item.sku, `${name}.sku`),
    quantity: requireQuantity(item.quantity, `${name}.quantity`),
    unitPrice: requireNumber(item.unitPrice, `${name}.unitPrice`),
  };
}

function parseJson(body: ArrayBuffer): unknown {
  try {
    // Without `fatal`, bytes that are not UTF-8 would become U+FFFD and reach the workflow.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new InvalidOrderError('body is not valid JSON', { cause: error });
  }
}

function requireObject(value: unknown, message: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidOrderError(message);
  }
  return value as Record<string, unknown>;
}

function requireList(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) {
    throw new InvalidOrderError(`${name} must be a list`);
  }
  return value;
}

function requireId(value: unknown): string {
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

function requireSku(value: unknown, name: string): string {
  if (typeof value !== 'string' || !/^[A-Za-z0-9._-]{1,64}$/.test(value)) {
    throw new InvalidOrderError(`${name} must be 1 to 64 letters, digits, '.', '_' or '-'`);
  }
  return value;
}

function requireQuantity(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 1_000_000) {
    throw new InvalidOrderError(`${name} must be a whole number from 1 to 1000000`);
  }
  return value;
}

function requireNumber(value: unknown, name: string): number {
  // JSON has no infinity, but a number such as 1e999 becomes one.
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new InvalidOrderError(`${name} must be a number`);
  }
  return value;
}
