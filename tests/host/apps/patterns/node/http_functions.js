// HTTP functions that start orchestrators, raise events and use entities.

const { app } = require('@azure/functions');
const df = require('durable-functions');

const client = df.input.durableClient();

app.http('start', {
    route: 'orchestrators/{name}',
    methods: ['POST'],
    authLevel: 'anonymous',
    extraInputs: [client],
    handler: async (request, context) => {
        const body = await request.text();
        const options = { input: body ? JSON.parse(body) : undefined };
        if (request.query.has('id')) {
            options.instanceId = request.query.get('id');
        }
        if (request.query.has('version')) {
            options.version = request.query.get('version');
        }
        const durable = df.getClient(context);
        const instanceId = await durable.startNew(request.params.name, options);
        return durable.createCheckStatusResponse(request, instanceId);
    },
});

app.http('approve', {
    route: 'instances/{instanceId}/approval',
    methods: ['POST'],
    authLevel: 'anonymous',
    extraInputs: [client],
    handler: async (request, context) => {
        const durable = df.getClient(context);
        let status;
        try {
            status = await durable.getStatus(request.params.instanceId);
        } catch {
            return { status: 404 };
        }
        if (status.runtimeStatus !== df.OrchestrationRuntimeStatus.Running) {
            return { status: 409 };
        }
        await durable.raiseEvent(request.params.instanceId, 'Approval', await request.json());
        return { status: 202 };
    },
});

app.http('sell', {
    route: 'sales/{sku}',
    methods: ['POST'],
    authLevel: 'anonymous',
    extraInputs: [client],
    handler: async (request, context) => {
        const sku = new df.EntityId('Sales', request.params.sku);
        await df.getClient(context).signalEntity(sku, 'add', await request.json());
        return { status: 202 };
    },
});

app.http('read_sales', {
    route: 'sales/{sku}',
    methods: ['GET'],
    authLevel: 'anonymous',
    extraInputs: [client],
    handler: async (request, context) => {
        const sku = new df.EntityId('Sales', request.params.sku);
        const found = await df.getClient(context).readEntityState(sku);
        return found.entityExists ? { jsonBody: found.entityState } : { status: 404 };
    },
});
