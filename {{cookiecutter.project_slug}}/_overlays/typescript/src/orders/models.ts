/** Orders and results as they travel between HTTP, orchestrator and activities: plain JSON. */

import * as z from 'zod';

const SHORT_TEXT = 'must be a non-empty string of at most 100 characters';
const SKU = "must be 1 to 64 letters, digits, '.', '_' or '-'";
const QUANTITY = 'must be a whole number from 1 to 1000000';

// A character that is white space neither to Unicode nor to Python, .NET or JavaScript.
// eslint-disable-next-line no-control-regex -- U+001C to U+001F are white space to Python
const VISIBLE = /[^\p{White_Space}\u{1c}-\u{1f}\u{feff}]/u;

/** A name for people. Spreading counts characters; `length` counts some, such as emoji, twice. */
export const shortText = z
  .string(SHORT_TEXT)
  .regex(VISIBLE, SHORT_TEXT)
  // JSON can escape half of such a character; nothing can store that.
  .refine((text) => text.isWellFormed() && [...text].length <= 100, SHORT_TEXT);

export const sku = z.string(SKU).regex(/^[A-Za-z0-9._-]{1,64}$/, SKU);

const orderItemSchema = z.object(
  {
    sku,
    quantity: z.int(QUANTITY).min(1, QUANTITY).max(1_000_000, QUANTITY),
    unitPrice: z.number('must be a number'),
  },
  'must be an object',
);

export const orderSchema = z.object(
  {
    id: shortText,
    items: z.array(orderItemSchema, 'must be a list'),
    total: z.number('must be a number'),
  },
  'must be a JSON object',
);

/** One line of an order; the price is per unit. */
export type OrderItem = z.infer<typeof orderItemSchema>;

/** A well-formed order. `validateOrder` decides whether it can be processed. */
export type Order = z.infer<typeof orderSchema>;

/** The output of the workflow; `reason` is there when the order was not fulfilled. */
export interface OrderResult {
  success: boolean;
  orderId: string;
  reason?: string;
}

/** Return the output of a workflow that did all its work. */
export function fulfilled(order: Order): OrderResult {
  return { success: true, orderId: order.id };
}

/** Return the output of a workflow that ended early, and why. */
export function notFulfilled(order: Order, reason: string): OrderResult {
  return { success: false, orderId: order.id, reason };
}

/** Data in the form of its schema, or the first rule that it breaks. */
export type Parsed<T> = { data: T; error?: undefined } | { data?: undefined; error: string };

/** Read a request body by its schema; fields that the schema does not have are dropped. */
export function parseBody<T>(schema: z.ZodType<T>, body: ArrayBuffer): Parsed<T> {
  let value: unknown;
  try {
    // Without `fatal`, bytes that are not UTF-8 would become U+FFFD and reach the workflow.
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return { error: 'body is not valid JSON' };
  }
  return parse(schema, value);
}

/** Read a value from outside by its schema. */
export function parse<T>(schema: z.ZodType<T>, value: unknown): Parsed<T> {
  const { data, error } = schema.safeParse(value);
  if (error) {
    const [{ path, message }] = error.issues;
    return { error: `${z.core.toDotPath(path) || 'body'} ${message}` };
  }
  return { data };
}
