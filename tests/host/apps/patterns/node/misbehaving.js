// Functions that break a rule of orchestrators, or the worker.

const fs = require('fs');
const df = require('durable-functions');

const seen = [];

df.app.orchestration('changing', function* (context) {
    yield context.df.callActivity(seen.includes(1) ? 'double' : 'remember', 1);
    yield context.df.callActivity('echo', 1);
});

df.app.orchestration('shrinking', function* (context) {
    if (seen.includes(2)) {
        return 'nothing';
    }
    yield context.df.callActivity('remember', 2);
});

df.app.orchestration('endless', function* (context) {
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1000));
    context.df.continueAsNew(null);
});

df.app.activity('remember', {
    handler: (value) => {
        seen.push(value);
        return value;
    },
});

df.app.activity('die', {
    handler: () => {
        fs.writeSync(2, 'last words');
        process.exit(3);
    },
});

df.app.activity('sleep', { handler: () => new Promise((r) => setTimeout(r, 60000)) });
