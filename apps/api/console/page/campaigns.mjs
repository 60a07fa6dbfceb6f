import { byId, element, keep, part, say, show } from './elements.mjs';
import { count, duration, ENDS, forecastWords, number, rate, OUTCOMES, percent, when } from './words.mjs';

const STATUS_ORDER = ['active', 'paused', 'draft', 'completed', 'cancelled'];
const BARS = ['completed', 'ended', 'underway', 'unknown', 'waiting'];

/** Those in use first, and each group by name: a row stays where it is while its figures change. */
export function inOrder(campaigns) {
  const placeOf = ({ status }) => STATUS_ORDER.indexOf(status);
  return [...campaigns].sort(
    (a, b) => placeOf(a) - placeOf(b) || a.name.localeCompare(b.name) || a.id.localeCompare(b.id),
  );
}

export function underWay({ under_way: { initiated, ringing, answered } }) {
  return initiated + ringing + answered;
}

export function showCampaigns(campaigns, environments) {
  const update = (body, campaign) => showCampaign(body, campaign, environments.get(campaign.environment_id));
  keep(byId('campaigns'), inOrder(campaigns), ({ id }) => id, makeCampaign, update);
  show(byId('campaigns'), campaigns.length > 0);
  show(byId('no-campaigns'), campaigns.length === 0);
}

function makeCampaign({ id }) {
  const details = element('tr', { role: 'row', id: `details-${id}`, class: 'details', hidden: '' });
  details.append(element('td', { role: 'cell', colspan: '5', 'data-part': 'details' }));
  const toggle = element('button', {
    type: 'button',
    class: 'name',
    'data-part': 'name',
    'aria-controls': details.id,
  });
  toggle.setAttribute('aria-expanded', 'false');
  toggle.addEventListener('click', () => {
    show(details, details.hidden);
    toggle.setAttribute('aria-expanded', String(!details.hidden));
  });
  const bar = element('div', { class: 'bar', role: 'img', 'data-part': 'bar' });
  for (const name of BARS) bar.append(element('i', { class: name, 'data-part': name }));
  const row = element(
    'tr',
    { role: 'row' },
    element(
      'th',
      { role: 'rowheader', scope: 'row' },
      toggle,
      element('span', { class: 'status', 'data-part': 'status' }),
      element('span', { class: 'quiet', 'data-part': 'where' }),
    ),
    cell(
      'Progress',
      bar,
      element(
        'span',
        { class: 'ends' },
        element('span', { 'data-part': 'done' }),
        element('span', { class: 'quiet', 'data-part': 'waits' }),
      ),
    ),
    cell('Under way', ...figure('open')),
    cell(
      'Starts a minute',
      element('span', { class: 'pace' }, element('b', { 'data-part': 'pace' }), minutes()),
    ),
    cell('To the end', ...figure('end')),
  );
  const why = element('tr', { role: 'row', class: 'why', 'data-part': 'why-row' });
  why.append(element('td', { role: 'cell', colspan: '5' }, element('ul', { 'data-part': 'why' })));
  return element('tbody', { role: 'rowgroup' }, row, why, details);
}

/** A cell with its heading, which is shown where there are no columns. */
function cell(heading, ...inside) {
  const content = element('div', { class: 'content' }, ...inside);
  return element(
    'td',
    { role: 'cell' },
    element('span', { class: 'label', 'aria-hidden': 'true' }, heading),
    content,
  );
}

function figure(name) {
  return [
    element('b', { 'data-part': name }),
    element('span', { class: 'quiet', 'data-part': `${name}-more` }),
  ];
}

function showCampaign(body, campaign, environment) {
  const { id, name, status, total, waiting, unknown, finished, hours, why } = campaign;
  const open = underWay(campaign);
  const done = sum(finished);
  say(part(body, 'name'), name);
  say(part(body, 'status'), status);
  part(body, 'status').dataset.status = status;
  say(part(body, 'where'), [environment?.name ?? '', hoursWords(hours, status)].filter(Boolean).join(' · '));

  const completed = finished.completed ?? 0;
  const bars = { completed, ended: done - completed, underway: open, unknown, waiting };
  for (const [bar, calls] of Object.entries(bars)) {
    part(body, bar).style.setProperty('flex-grow', String(calls));
    show(part(body, bar), calls > 0);
  }
  const doneWords = `${number(done)} of ${number(total)} done`;
  part(body, 'bar').setAttribute('aria-label', `${doneWords}, ${number(waiting)} waiting`);
  say(part(body, 'done'), `${doneWords}, ${percent(done, total)}`);
  say(part(body, 'waits'), waitingWords(campaign));

  const { ringing, answered } = campaign.under_way;
  say(part(body, 'open'), number(open));
  const states = [ringing > 0 && `${number(ringing)} ringing`, answered > 0 && `${number(answered)} talking`];
  say(part(body, 'open-more'), states.filter(Boolean).join(', '));
  say(part(body, 'pace'), rate(campaign.per_minute));
  showMinutes(part(body, 'minutes'), campaign.starts);
  const [end, endMore] = forecastWords(campaign);
  say(part(body, 'end'), end);
  say(part(body, 'end-more'), endMore);

  // What slows a campaign that does not dial at all is of no interest yet.
  const stops = why.filter(({ effect }) => effect === 'stops');
  const reasons = stops.length > 0 ? stops : why;
  show(part(body, 'why-row'), reasons.length > 0);
  keep(part(body, 'why'), reasons, ({ sentence }) => sentence, makeReason, showReason);
  showDetails(part(body, 'details'), campaign, id);
}

function makeReason({ sentence }) {
  return element(
    'li',
    {},
    element('b', { 'data-part': 'effect' }),
    ' ',
    sentence,
    element('span', { 'data-part': 'until' }),
  );
}

function showReason(item, { effect, until }) {
  item.className = effect;
  say(part(item, 'effect'), effect === 'stops' ? 'Not dialling' : 'Slowed');
  say(part(item, 'until'), until === null ? '' : ` Until ${when(until)}.`);
}

function hoursWords({ open, until, timezone }, status) {
  if (status === 'completed' || status === 'cancelled') return '';
  const zone = timezone.replaceAll('_', ' ');
  if (open) return until === null ? `open, ${zone}` : `open until ${when(until)}, ${zone}`;
  return until === null ? `never opens again, ${zone}` : `opens ${when(until)}, ${zone}`;
}

/** Only so many are counted that are due: a `+` says that there are more. */
function waitingWords({ waiting, due, next_due_at: nextDueAt, unknown }) {
  const words = [`${number(waiting)} waiting`];
  if (due !== null && due.count > 0) words.push(`${number(due.count)}${due.is_all ? '' : '+'} due`);
  else if (waiting > 0 && nextDueAt !== null) words.push(`next due ${when(nextDueAt)}`);
  if (unknown > 0) words.push(`${number(unknown)} unknown`);
  return words.join(' · ');
}

function sum(counts) {
  return Object.values(counts).reduce((total, some) => total + some, 0);
}

const MINUTES = 15;

function minutes() {
  const chart = element('svg', {
    class: 'minutes',
    viewBox: `0 0 ${MINUTES * 4} 20`,
    'aria-hidden': 'true',
    'data-part': 'minutes',
  });
  for (let nth = 0; nth < MINUTES; nth += 1)
    chart.append(element('rect', { x: String(nth * 4), width: '3', rx: '0.5' }));
  return chart;
}

function showMinutes(chart, starts) {
  const most = Math.max(1, ...starts);
  starts.forEach((started, nth) => {
    const height = started === 0 ? 1 : Math.max(2, (20 * started) / most);
    const bar = chart.children[nth];
    bar.setAttribute('height', String(height));
    bar.setAttribute('y', String(20 - height));
    bar.setAttribute('class', started === 0 ? 'none' : '');
  });
}

function showDetails(place, campaign, id) {
  if (place.childElementCount === 0) {
    for (const [name, title] of [
      ['calls', 'Calls'],
      ['dials', 'Dials by outcome'],
      ['forecast', 'Reckoned'],
    ]) {
      const heading = element('h3', { id: `${name}-${id}` }, title);
      place.append(element('div', {}, heading, element('dl', { class: 'counts', 'data-part': name })));
    }
  }
  const { waiting, under_way: now, unknown, finished, outcomes, total, forecast } = campaign;
  const open = {
    Waiting: waiting,
    'About to ring': now.initiated,
    Ringing: now.ringing,
    Talking: now.answered,
    Unknown: unknown,
  };
  const ends = Object.entries(ENDS).map(([state, label]) => [label, finished[state] ?? 0]);
  showCounts(part(place, 'calls'), [...Object.entries(open), ...ends], total);
  const dials = sum(outcomes);
  showCounts(
    part(place, 'dials'),
    Object.entries(OUTCOMES).map(([outcome, label]) => [label, outcomes[outcome] ?? 0]),
    dials,
  );
  showPairs(part(place, 'forecast'), reckoned(forecast, dials, finished));
}

function showCounts(list, counts, whole) {
  const some = counts.filter(([, calls]) => calls > 0);
  showPairs(
    list,
    some.map(([label, calls]) => [label, number(calls), percent(calls, whole)]),
  );
}

function reckoned(forecast, dials, finished) {
  const ended = ['completed', 'voicemail', 'no-answer', 'busy', 'failed'].reduce(
    (all, state) => all + (finished[state] ?? 0),
    0,
  );
  const pairs = ended > 0 ? [['Dials for each call so far', rate(dials / ended)]] : [];
  if (forecast?.kind !== 'reckoned') return pairs;
  return [
    ...pairs,
    ['Dials to go', number(forecast.dials)],
    ['Open hours that takes', duration(forecast.open_minutes)],
    ...(forecast.left > 0 ? [['Left on its last day', count(forecast.left, 'call')]] : []),
  ];
}

/** A label with a value, and perhaps its share of all. */
export function showPairs(list, pairs) {
  keep(
    list,
    pairs,
    ([label]) => label,
    ([label, , share]) => {
      const pair = element('div', {}, element('dt', {}, label), element('dd', { 'data-part': 'value' }));
      if (share !== undefined) pair.append(element('dd', { class: 'share quiet', 'data-part': 'share' }));
      return pair;
    },
    (pair, [, value, share]) => {
      say(part(pair, 'value'), value);
      if (share !== undefined) say(part(pair, 'share'), share);
    },
  );
}
