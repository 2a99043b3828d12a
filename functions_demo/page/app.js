// The page of the demo: asks the host for its state and sends commands to it.

import { element, find, json, match, setText } from './dom.js';
import { drawTimeline } from './timeline.js';

const INTERVAL = 250; // milliseconds between two looks at the state
const MANAGEMENT = '/runtime/webhooks/durabletask/instances';

let state;
let selected = decodeURIComponent(location.hash.slice(1));

/** Send a request; return the JSON of the response. Throws with a text for the user. */
async function call(method, path, body) {
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
  let response;
  try {
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Error('The host does not respond. Start it again: make demo');
  }
  const text = await response.text();
  if (response.ok) return text ? JSON.parse(text) : null;
  throw new Error(errorOf(text) ?? `The host responded ${response.status}.`);
}

/** The message of a response that is no success, if it is JSON that has one. */
function errorOf(text) {
  try {
    const { error, Message } = JSON.parse(text);
    return error ?? Message;
  } catch {
    return undefined;
  }
}

/** Run a command of the user, and say what came of it. */
async function command(action) {
  try {
    setText(find('message'), (await action()) ?? '');
  } catch (error) {
    setText(find('message'), error.message);
  }
  await refresh();
}

async function refresh() {
  try {
    state = await call('GET', '/demo/state');
    if (document.body.classList.contains('offline')) setText(find('message'), '');
    document.body.classList.remove('offline');
    drawState();
    if (!state.instances.some(({ id }) => id === selected)) selected = state.instances[0]?.id ?? '';
    if (selected) drawInstance(await call('GET', `/demo/instances/${encodeURIComponent(selected)}`));
  } catch (error) {
    document.body.classList.add('offline');
    setText(find('message'), error.message);
  }
}

function select(id) {
  selected = id;
  history.replaceState(null, '', `#${encodeURIComponent(id)}`);
}

function drawState() {
  const { about, worker } = state;
  document.title = `${about.title} demo`;
  setText(find('title'), about.title);
  setText(find('description'), about.description);
  drawWorker(worker);
  setText(find('failures'), failures(state.paymentsToFail));
  find('fail').disabled = !state.payment;
  find('pace').value = String(state.pace);
  if (!find('order').options.length) {
    about.orders.forEach(({ name }, index) => find('order').append(new Option(name, index)));
  }
  match(find('problems'), state.problems, () => element('li', '', '', element('pre')), (item, text) =>
    setText(item.firstElementChild, text),
  );
  drawList();
  drawEntities();
}

const failures = (count) => (count ? `${count} of the next calls will fail` : '');

function drawWorker({ state: worker, process }) {
  const running = worker === 'running';
  const hadFocus = [find('kill'), find('start')].includes(document.activeElement);
  find('kill').hidden = !running;
  find('start').hidden = running;
  if (hadFocus) (running ? find('kill') : find('start')).focus(); // the hidden one has lost it
  find('send').querySelector('button').disabled = !running;
  const words = { running: `runs as process ${process}`, starting: 'starts ...', stopped: 'has ended: nothing runs, the history is kept' };
  setText(find('worker'), `The worker ${words[worker]}`);
  find('worker').classList.toggle('down', !running);
}

function drawList() {
  match(find('instances'), state.instances, createItem, (item, instance) => {
    const [button] = item.children;
    const [order, status, custom, runs] = button.children;
    button.dataset.id = instance.id;
    button.setAttribute('aria-current', String(instance.id === selected));
    setText(order, instance.order ?? instance.name);
    setText(status, instance.status);
    status.className = `status ${instance.status}`;
    setText(custom, instance.customStatus === null ? '' : textOf(instance.customStatus));
    setText(runs, `${instance.id.slice(0, 8)}, ${instance.episodes} runs`);
  });
}

function createItem() {
  const button = element('button', '', '', ...['order', 'status', 'custom', 'runs'].map((name) => element('span', name)));
  button.type = 'button';
  button.addEventListener('click', () => {
    select(button.dataset.id);
    refresh();
  });
  return element('li', '', '', button);
}

const textOf = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

function drawEntities() {
  find('entities-section').hidden = state.entities.length === 0;
  match(find('entities'), state.entities, () => element('div', '', '', element('dt'), element('dd')), (row, entity) => {
    setText(row.firstElementChild, `${entity.name}/${entity.key}`);
    setText(row.lastElementChild, textOf(entity.state));
  });
}

function drawInstance(instance) {
  if (instance.id !== selected) return; // another one was chosen meanwhile
  const ended = !['Pending', 'Running', 'Suspended'].includes(instance.status);
  find('instance').hidden = false;
  setText(find('instance-title'), `${instance.order ?? instance.name}: ${instance.status}`);
  const runs = instance.episodes === 1 ? 'once' : `${instance.episodes} times`;
  setText(find('facts'), `The orchestrator ${instance.name} ran ${runs} from its first line. Instance ${instance.id}.`);
  find('skip').disabled = !waitsForTimer(instance);
  match(find('events'), state.about.events, createEvent, (button) => {
    button.disabled = ended;
  });
  drawTimeline(find('timeline'), instance);
  setText(find('input'), json(instance.input));
  setText(find('custom'), instance.customStatus === null ? '–' : textOf(instance.customStatus));
  setText(find('output'), json(instance.output));
  find('status-link').href = `${MANAGEMENT}/${encodeURIComponent(instance.id)}?showHistory=true`;
}

const waitsForTimer = ({ generations }) =>
  generations.some(({ rows }) =>
    rows.some(({ bars }) => bars.some(({ kind, state: now }) => ['timer', 'pause'].includes(kind) && now === 'running')),
  );

function createEvent({ name, data }) {
  const values = Object.entries(data).map(([key, value]) => `${key}: ${value}`);
  const button = element('button', '', `Raise ${name} (${values.join(', ')})`);
  button.type = 'button';
  button.addEventListener('click', () =>
    command(async () => {
      await call('POST', `${MANAGEMENT}/${encodeURIComponent(selected)}/raiseEvent/${encodeURIComponent(name)}`, data);
      return `The event ${name} was raised.`;
    }),
  );
  return button;
}

find('send').addEventListener('submit', (event) => {
  event.preventDefault();
  command(async () => {
    const order = state.about.orders[find('order').value];
    const { id } = await call('POST', '/api/orders', order.body);
    select(id);
    return `Sent: ${order.name}.`;
  });
});

const on = (id, event, action) => find(id).addEventListener(event, () => command(action));

on('fail', 'click', async () => {
  await call('POST', '/demo/payment/fail');
  return `The next call of ${state.payment} will fail.`;
});
on('kill', 'click', async () => {
  await call('POST', '/demo/worker/kill');
  return 'The process of the worker was killed.';
});
on('start', 'click', async () => {
  await call('POST', '/demo/worker/start');
  return 'A new worker was started. An orchestrator replays its history when the next result arrives.';
});
on('skip', 'click', async () => {
  await call('POST', `/demo/timer/skip?instance=${encodeURIComponent(selected)}`);
  return 'The clock of the host was moved to the timer.';
});
on('pace', 'change', () => call('POST', `/demo/pace?seconds=${find('pace').value}`).then(() => ''));

// One request at a time: the host does not respond while a function runs.
for (;;) {
  await refresh();
  await new Promise((resolve) => setTimeout(resolve, INTERVAL));
}
