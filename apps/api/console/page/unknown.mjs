import { showPairs } from './campaigns.mjs';
import { change, confirmIn } from './changes.mjs';
import { byId, element, keep, part, say, show } from './elements.mjs';
import { OUTCOMES, when } from './words.mjs';

/** Calls that are parked. `nameOf` tells a campaign's name where it is shown. */
export function showUnknown({ calls, is_more: isMore }, nameOf, { may_change: mayChange, resolutions }) {
  show(byId('unknown'), calls.length > 0);
  show(byId('no-unknown'), calls.length === 0 || isMore);
  say(byId('no-unknown'), isMore ? 'There are more, of later: npm run cli -- unknown list.' : 'None.');
  keep(
    byId('unknown').tBodies[0],
    calls,
    (call) => call.call_id,
    (call) => makeRow(call, resolutions),
    (row, call) => {
      say(part(row, 'sent'), when(call.sent_at));
      say(part(row, 'campaign'), nameOf(call.campaign_id) ?? 'Another campaign');
      show(part(row, 'resolve'), mayChange);
    },
  );
}

function makeRow(call, resolutions) {
  const campaign = element('span', { 'data-part': 'campaign', id: `unknown-${call.call_id}` });
  const button = element(
    'button',
    { type: 'button', 'data-part': 'resolve', 'aria-describedby': campaign.id },
    'Resolve …',
  );
  button.addEventListener('click', () => ask(call, campaign.textContent, resolutions));
  return element(
    'tr',
    { role: 'row' },
    element('td', { role: 'cell', 'data-part': 'sent' }),
    element('th', { role: 'rowheader', scope: 'row' }, campaign),
    element('td', { role: 'cell' }, element('code', {}, call.attempt_id)),
    element('td', { role: 'cell', class: 'act' }, button),
  );
}

function ask(call, campaign, resolutions) {
  const outcome = byId('resolve-outcome');
  const note = byId('resolve-note');
  const choices = resolutions.map((word) => element('option', { value: word }, OUTCOMES[word]));
  outcome.replaceChildren(element('option', { value: '' }, 'Choose …'), ...choices);
  note.value = '';
  showPairs(byId('resolve-call'), [
    ['Campaign', campaign],
    ['Sent', when(call.sent_at)],
    ['Attempt', call.attempt_id],
    ['Call', call.call_id],
  ]);
  confirmIn(byId('resolve'), async () => {
    const body = {
      environment_id: call.environment_id,
      outcome: outcome.value,
      note: note.value.trim() || null,
    };
    await change(`calls/${call.call_id}/resolve`, body);
    return `The call is resolved: ${OUTCOMES[outcome.value].toLowerCase()}.`;
  });
}
