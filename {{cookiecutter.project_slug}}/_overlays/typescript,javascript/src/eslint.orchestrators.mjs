/** Orchestrators are replayed, so they are deterministic. Activities may use all of this. */

const CLOCK = 'Use context.df.currentUtcDateTime.';
const RANDOM = 'Use context.df.newGuid() for ids, and draw random values in an activity.';
const TIMER = 'Yield context.df.createTimer(...).';
const TASKS =
  'Yield durable tasks, several with context.df.Task.all or .any; await in an activity.';
const ENVIRONMENT =
  'Read the environment in an activity, or in the function that starts the workflow.';
const OUTSIDE = 'Use files, networks, clocks, random values, threads and processes in an activity.';

const MODULES = [
  ...['child_process', 'cluster', 'crypto', 'dgram', 'dns', 'fs', 'http', 'http2', 'https', 'net'],
  ...['os', 'perf_hooks', 'process', 'timers', 'tls', 'worker_threads'],
  ...['axios', 'node-fetch', 'undici', 'uuid'],
];
const OUTSIDE_MODULE = `^(node:)?(${MODULES.join('|')})(?![\\w-])`;

const globals = (message, ...names) => names.map((name) => ({ name, message }));

export default {
  files: ['orders/orchestrator*.{ts,js}'],
  rules: {
    'no-restricted-globals': [
      'error',
      ...globals(CLOCK, 'performance'),
      ...globals(RANDOM, 'crypto'),
      ...globals(TIMER, 'setTimeout', 'setInterval', 'setImmediate'),
      ...globals(TASKS, 'Promise', 'queueMicrotask'),
      ...globals(ENVIRONMENT, 'process', 'navigator'),
      ...globals(OUTSIDE, 'fetch', 'EventSource', 'WebSocket', 'XMLHttpRequest'),
      ...globals('Use each global by its name, where the linter sees it.', 'global', 'globalThis'),
    ],
    'no-restricted-imports': ['error', { patterns: [{ regex: OUTSIDE_MODULE, message: OUTSIDE }] }],
    'no-restricted-properties': [
      'error',
      { object: 'Date', property: 'now', message: CLOCK },
      { object: 'Math', property: 'random', message: RANDOM },
    ],
    'no-restricted-syntax': [
      'error',
      { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: CLOCK },
      { selector: "CallExpression[callee.name='Date']", message: CLOCK },
      { selector: ':function[async=true]', message: TASKS },
      { selector: 'AwaitExpression, ForOfStatement[await=true]', message: TASKS },
      { selector: 'ImportExpression', message: 'Import at the top, where the linter sees it.' },
      {
        selector: `CallExpression[callee.name='require'][arguments.0.value=/${OUTSIDE_MODULE}/]`,
        message: OUTSIDE,
      },
    ],
  },
};
