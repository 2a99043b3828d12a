// An entity, and an orchestrator that calls it.

const df = require('durable-functions');

df.app.orchestration('tally', function* (context) {
    const sku = new df.EntityId('Sales', context.df.getInput());
    context.df.signalEntity(sku, 'add', 2);
    context.df.signalEntity(sku, 'add', 3);
    const total = yield context.df.callEntity(sku, 'get');
    try {
        yield context.df.callEntity(sku, 'break');
    } catch {
        return { total, failed: true };
    }
});

df.app.entity('Sales', (context) => {
    const total = context.df.getState(() => 0);
    if (context.df.operationName === 'add') {
        context.df.setState(total + context.df.getInput());
    } else if (context.df.operationName === 'get') {
        context.df.return(total);
    } else {
        throw new Error('unknown operation');
    }
});
