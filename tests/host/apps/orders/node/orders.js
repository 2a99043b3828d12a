// Sample app for seeded defects: a chain of activities behind one HTTP function.

const { app } = require('@azure/functions');
const df = require('durable-functions');
console.log("loaded: this line must not disturb the responses of the worker");

app.http('start', {
    route: 'orders',
    methods: ['POST'],
    authLevel: 'function',
    extraInputs: [df.input.durableClient()],
    handler: async (request, context) => {
        let order;
        try {
            order = await request.json();
        } catch {
            return { status: 400, jsonBody: { error: 'no JSON' } };
        }
        const client = df.getClient(context);
        const instanceId = await client.startNew('process', { input: order });
        return client.createCheckStatusResponse(request, instanceId);
    },
});

df.app.orchestration('process', function* (context) {
    const order = context.df.getInput();
    const valid = yield context.df.callActivity('validate', order);
    if (!valid) {
        return { success: false, reason: 'no items' };
    }
    const retry = new df.RetryOptions(5000, 3);
    try {
        yield context.df.callActivityWithRetry('pay', retry, order);
    } catch {
        return { success: false, reason: 'payment failed' };
    }
    yield context.df.callActivity('ship', order.id);
    return { success: true, id: order.id };
});

df.app.activity('validate', {
    handler: (order) => {
        console.log('validating');
        return order.items.length > 0;
    },
});

df.app.activity('pay', { handler: (order) => ({ paid: order.total }) });

df.app.activity('ship', { handler: (orderId) => 'shipped ' + orderId });
