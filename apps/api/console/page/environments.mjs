import { change, confirmIn } from './changes.mjs';
import { byId, element, keep, part, say, show } from './elements.mjs';
import { count, number } from './words.mjs';

export function showEnvironments(environments, mayChange) {
  keep(
    byId('environments').tBodies[0],
    environments,
    ({ id }) => id,
    makeRow,
    (row, environment) => {
      const { name, kill_switch: isStopped, slots } = environment;
      row.environment = environment;
      say(part(row, 'name'), name);
      say(part(row, 'slots'), `${number(slots.in_use)} of ${number(slots.limit)}`);
      part(row, 'share').style.setProperty(
        'flex-grow',
        String(Math.min(1, slots.in_use / Math.max(1, slots.limit))),
      );
      say(part(row, 'state'), isStopped ? 'Stopped' : 'On');
      part(row, 'state').dataset.status = isStopped ? 'stopped' : 'active';
      const button = part(row, 'switch');
      show(button, mayChange);
      say(button, isStopped ? 'Dial again …' : 'Stop dialling …');
      button.className = isStopped ? '' : 'danger';
    },
  );
}

function makeRow({ id }) {
  const name = element('span', { 'data-part': 'name', id: `environment-${id}` });
  const button = element('button', { type: 'button', 'data-part': 'switch', 'aria-describedby': name.id });
  const row = element(
    'tr',
    { role: 'row' },
    element('th', { role: 'rowheader', scope: 'row' }, name),
    element(
      'td',
      { role: 'cell' },
      element('span', { 'data-part': 'slots' }),
      element(
        'div',
        { class: 'bar thin', 'aria-hidden': 'true' },
        element('i', { class: 'underway', 'data-part': 'share' }),
      ),
    ),
    element('td', { role: 'cell' }, element('span', { class: 'status', 'data-part': 'state' })),
    element('td', { role: 'cell', class: 'act' }, button),
  );
  button.addEventListener('click', () => ask(row.environment));
  return row;
}

function ask({ id, name, kill_switch: isStopped, slots }) {
  const stop = !isStopped;
  const ringing =
    slots.in_use === 0 ? 'None is under way.' : `${count(slots.in_use, 'call')} under way may still ring.`;
  say(byId('switch-title'), stop ? `Stop all dialling of ${name}?` : `Let ${name} dial again?`);
  say(
    byId('switch-text'),
    stop
      ? `Once it is confirmed no new call of any of its campaigns begins, until it is let dial again. ${ringing}`
      : 'Its active campaigns go on at once, within their hours and limits.',
  );
  const button = byId('switch-do');
  say(button, stop ? 'Stop dialling' : 'Dial again');
  button.classList.toggle('danger', stop);
  confirmIn(byId('switch'), async () => {
    const told = await change(`environments/${id}/kill-switch`, { kill_switch: stop });
    if (!stop) return `${name} dials again.`;
    return `${name} is stopped: ${count(told.stopped, 'call')} held, ${number(told.in_flight.count)} in flight, ${number(told.unknown)} unknown.`;
  });
}
