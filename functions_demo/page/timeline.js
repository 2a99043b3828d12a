// Draws the timeline of an instance: a row for each action, bars on a common time axis.

import { duration, element, json, match, setText } from './dom.js';

const SHORTEST = 1; // seconds that the axis shows at least
const MARGIN = 1.05; // room for the number of the last mark
const CLOSE = 0.03; // part of the axis below which the numbers of two marks would overlap
const NARROW = 0.12; // part of the axis below which a bar has no room for a word and a number
const STEPS = [0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];
const WORDS = {
  attempt: { completed: 'completed', failed: 'failed', running: 'running', lost: 'lost with the worker', cancelled: 'not awaited' },
  pause: { fired: 'pause', running: 'pause', cancelled: 'pause' },
  timer: { fired: 'fired', running: 'waiting', cancelled: 'cancelled' },
  wait: { completed: 'raised', running: 'waiting', cancelled: 'not raised' },
  signal: { completed: 'sent' },
};

/** Draw, or update what an earlier call has drawn. */
export function drawTimeline(container, instance) {
  if (container.dataset.instance !== instance.id) {
    container.dataset.instance = instance.id;
    container.replaceChildren(
      element('div', 'overlay', '', element('div', 'track')),
      element('div', 'axis', '', element('span', 'label', 'Seconds since the start'), element('div', 'track')),
      element('div', 'generations'),
    );
  }
  const [overlay, axis, generations] = container.children;
  const length = Math.max(instance.length, SHORTEST) * MARGIN;
  const scale = (seconds) => `${(100 * seconds) / length}%`;
  drawAxis(axis.lastElementChild, length, scale);
  drawOverlay(overlay.firstElementChild, instance, scale);
  const many = instance.generations.length > 1;
  match(generations, instance.generations, createGeneration, (target, generation, index) => {
    const [title, rows] = target.children;
    title.hidden = !many;
    setText(title, `Generation ${index + 1}${index ? ': continued as new, with an empty history' : ''}`);
    match(rows, [episodesRow(generation.episodes, length), ...generation.rows.map((row) => actionRow(row, length))], createRow, (row, item) =>
      updateRow(row, item, scale),
    );
  });
}

const createGeneration = () => element('section', '', '', element('h3'), element('ul', 'rows'));

function createRow() {
  const label = element('span', 'label', '', element('span', 'name'), element('span', 'note'));
  const summary = element('summary', '', '', label, element('span', 'track'));
  summary.lastElementChild.setAttribute('aria-hidden', 'true');
  return element('li', '', '', element('details', '', '', summary, element('div', 'content', '', element('pre'))));
}

function updateRow(row, item, scale) {
  const [summary, content] = row.firstElementChild.children;
  const [label, track] = summary.children;
  setText(label.firstElementChild, item.name);
  setText(label.lastElementChild, item.note);
  setText(content.firstElementChild, item.text);
  content.firstElementChild.tabIndex = 0;
  match(track, item.bars, () => element('span'), (bar, shown) => {
    bar.className = `bar ${shown.className}`;
    bar.style.left = scale(shown.start);
    bar.style.width = shown.end === undefined ? '' : scale(shown.end - shown.start);
    setText(bar, shown.text);
    bar.title = shown.title;
  });
}

/** The row of the orchestrator: a mark for each run from its first line. */
function episodesRow(episodes, length) {
  const times = episodes.length === 1 ? 'ran once' : `ran ${episodes.length} times`;
  const isClose = (index) => index > 0 && episodes[index].at - episodes[index - 1].at < CLOSE * length;
  const numbers = (first) => {
    if (isClose(first)) return '';
    let last = first;
    while (last + 1 < episodes.length && isClose(last + 1)) last += 1;
    return last === first ? `${first + 1}` : `${first + 1}–${last + 1}`;
  };
  return {
    name: 'orchestrator',
    note: `${times} from its first line`,
    bars: episodes.map((episode, index) => ({
      className: 'mark',
      start: episode.at,
      text: numbers(index),
      title: `run ${index + 1}: ${episode.reason}`,
    })),
    text: episodes
      .map(
        ({ at, reason, replayed }, index) =>
          `run ${index + 1} at ${at.toFixed(1)} s: ${reason}; it replayed ${replayed} events of the history`,
      )
      .join('\n'),
  };
}

function actionRow(row, length) {
  const isAgain = (index) => row.bars[index - 1]?.state === 'lost';
  return {
    name: row.kind === 'wait' ? `event ${row.name}` : row.name,
    note: note(row),
    bars: row.bars.map((bar, index) => ({
      className: className(bar),
      start: bar.start,
      end: bar.kind === 'signal' ? undefined : bar.end,
      text: barText(bar, bar.end - bar.start < NARROW * length),
      title: describe(bar, isAgain(index)),
    })),
    text: [
      ...(row.input === null ? [] : [`input: ${json(row.input)}`]),
      ...row.bars.map((bar, index) => [describe(bar, isAgain(index)), ...outcome(bar)].join('\n')),
    ].join('\n\n'),
  };
}

function note(row) {
  const last = row.bars.at(-1);
  if (!last) return 'waits for the worker';
  const attempts = row.bars.filter((bar) => bar.kind === 'attempt');
  const word = attempts.length ? WORDS.attempt[attempts.at(-1).state] : WORDS[last.kind][last.state];
  const calls = attempts.length > 1 ? `${attempts.length} calls, ` : '';
  const length = last.kind === 'timer' ? `${duration(last.seconds)}, ` : '';
  return `${calls}${length}${last.kind === 'pause' && last.state === 'running' ? 'pause' : word}`;
}

function barText(bar, narrow) {
  if (bar.kind === 'signal') return '';
  if (bar.kind === 'attempt') return bar.state === 'lost' ? 'lost' : `${narrow ? '' : 'attempt '}${bar.number}`;
  if (narrow && bar.seconds !== null) return duration(bar.seconds);
  if (bar.seconds !== null) return `${WORDS[bar.kind][bar.state]} ${duration(bar.seconds)}`;
  return WORDS[bar.kind][bar.state];
}

function describe(bar, again) {
  const what = bar.kind === 'attempt' ? `attempt ${bar.number}${again ? ' again' : ''}` : bar.kind;
  const planned = bar.seconds === null ? '' : ` of ${duration(bar.seconds)}`;
  const times = `${bar.start.toFixed(1)} s to ${bar.end.toFixed(1)} s`;
  return `${what}${planned}: ${WORDS[bar.kind][bar.state]}, ${times}`;
}

function outcome(bar) {
  if (bar.error) return [`error: ${bar.error}`];
  const returns = ['attempt', 'wait'].includes(bar.kind) && bar.state === 'completed';
  return returns ? [`output: ${json(bar.result)}`] : [];
}

function className(bar) {
  if (bar.kind === 'signal') return 'mark signal';
  if (['pause', 'timer', 'wait'].includes(bar.kind)) return `waiting ${bar.state === 'running' ? 'open' : bar.state}`;
  return bar.state;
}

function drawAxis(track, length, scale) {
  const step = STEPS.find((candidate) => length / candidate <= 10) ?? 3600 * Math.ceil(length / 36000);
  const ticks = Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step);
  match(track, ticks, () => element('span', 'tick'), (tick, seconds) => {
    tick.style.left = scale(seconds);
    setText(tick, `${Number(seconds.toFixed(1))}`);
  });
}

function drawOverlay(track, instance, scale) {
  const shown = [
    ...instance.outages.map(({ start, end }) => ({ className: 'outage', start, end, text: 'no worker' })),
    ...instance.skips.map(({ at, seconds }) => ({
      className: at > 0.92 * instance.length ? 'jump late' : 'jump',
      start: at,
      text: `+${duration(seconds)}`,
    })),
  ];
  match(track, shown, () => element('span'), (target, item) => {
    target.className = item.className;
    target.style.left = scale(item.start);
    target.style.width = item.end === undefined ? '' : scale(item.end - item.start);
    setText(target, item.text);
  });
}
