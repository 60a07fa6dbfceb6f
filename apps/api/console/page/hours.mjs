import { byId, element, keep, say } from './elements.mjs';
import { hourOf, number, OUTCOMES, percent, short, when, ZONE } from './words.mjs';

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** Shades from none to all of an hour's dials. */
const SHADES = [0, 0.02, 0.1, 0.25, 0.45, 0.7];

/** A table whose cells are shaded by their share of the hour's dials. `all` are the hours of each campaign that is to be counted. */
export function showHours(all) {
  const counted = new Map();
  for (const hours of all) {
    for (const [hour, outcomes] of Object.entries(hours)) {
      const here = counted.get(Date.parse(hour)) ?? {};
      for (const [outcome, dials] of Object.entries(outcomes)) here[outcome] = (here[outcome] ?? 0) + dials;
      counted.set(Date.parse(hour), here);
    }
  }
  const last = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const columns = Array.from({ length: HOURS }, (_, nth) => {
    const startsMs = last - (HOURS - 1 - nth) * HOUR_MS;
    const outcomes = counted.get(startsMs) ?? {};
    return { startsMs, outcomes, dials: Object.values(outcomes).reduce((sum, some) => sum + some, 0) };
  });
  const seen = Object.keys(OUTCOMES).filter(
    (outcome) => outcome === 'answered' || columns.some(({ outcomes }) => outcomes[outcome] > 0),
  );
  const table = byId('hours');
  const dials = columns.reduce((sum, column) => sum + column.dials, 0);
  say(
    byId('hours-caption'),
    `${number(dials)} dials of the last 24 hours, by the hour they began in (${ZONE.replaceAll('_', ' ')}). The stronger its colour, the more of the hour’s dials a cell holds.`,
  );
  showHeads(table.tHead, columns);
  keep(
    table.tBodies[0],
    [...seen, 'dials'],
    (row) => row,
    makeRow,
    (row, outcome) => showRow(row, outcome, columns),
  );
}

function showHeads(head, columns) {
  if (head.childElementCount === 0) {
    head.append(element('tr', {}, element('th', { scope: 'col' }, 'Outcome')));
    for (let nth = 0; nth < HOURS; nth += 1) head.rows[0].append(element('th', { scope: 'col' }));
  }
  columns.forEach(({ startsMs }, nth) => {
    const cell = head.rows[0].cells[nth + 1];
    say(cell, hourOf(startsMs));
    cell.title = `${when(startsMs)} and the hour after`;
  });
}

function makeRow(outcome) {
  const row = element('tr', { class: outcome === 'dials' ? 'sum' : '' });
  row.append(element('th', { scope: 'row' }, OUTCOMES[outcome] ?? 'All dials'));
  for (let nth = 0; nth < HOURS; nth += 1) row.append(element('td'));
  return row;
}

function showRow(row, outcome, columns) {
  columns.forEach(({ startsMs, outcomes, dials }, nth) => {
    const cell = row.cells[nth + 1];
    const here = outcome === 'dials' ? dials : (outcomes[outcome] ?? 0);
    say(cell, here === 0 ? '·' : short(here));
    cell.className = outcome === 'dials' || here === 0 ? '' : `shade-${shadeOf(here / dials)}`;
    cell.title =
      here === 0
        ? ''
        : `${when(startsMs)}: ${number(here)}${outcome === 'dials' ? ' dials' : `, ${percent(here, dials)} of the hour`}`;
  });
}

function shadeOf(share) {
  return SHADES.filter((least) => share > least).length;
}
