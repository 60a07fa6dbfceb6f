import { inOrder, showCampaigns, underWay } from './campaigns.mjs';
import { byId, element, keep, part, say, show } from './elements.mjs';
import { showEnvironments } from './environments.mjs';
import { showHours } from './hours.mjs';
import { connect, ofKind } from './live.mjs';
import { noticesOf } from './notices.mjs';
import { showUnknown } from './unknown.mjs';
import { count, number, rate, percent, timeNow } from './words.mjs';

const LIVE_WORDS = {
  live: () => `Live, ${timeNow()}`,
  trouble: () => 'The database does not answer',
  lost: () => 'Connection lost, trying again',
  refused: () => 'Not connected',
};

let parts = new Map();
/** Hours and what is due get older while nothing changes. */
const REDRAW_MS = 30_000;

connect({
  onParts: (now) => {
    parts = now;
    draw();
  },
  onState: (state) => {
    say(byId('live'), LIVE_WORDS[state]());
    byId('live').dataset.state = state;
    show(byId('log-in'), state === 'refused');
  },
});
byId('environment').addEventListener('change', draw);
byId('hours-of').addEventListener('change', draw);
setInterval(draw, REDRAW_MS);

function draw() {
  const house = parts.get('house');
  if (house === undefined) return;
  const environments = ofKind(parts, 'environment');
  const named = [...environments.values()].sort(
    (a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id),
  );
  const every = [...ofKind(parts, 'campaign').values()];
  choose(byId('environment'), [['', 'All'], ...named.map(({ id, name }) => [id, name])]);
  const chosen = byId('environment').value;
  const isChosen = (environmentId) => chosen === '' || chosen === environmentId;
  const campaigns = every.filter((campaign) => isChosen(campaign.environment_id));

  showNotices(house, named);
  showCampaigns(campaigns, environments);
  show(byId('left-out'), house.campaigns_left_out > 0);
  say(
    byId('left-out'),
    `${number(house.campaigns_left_out)} more are not shown: those that were changed the longest ago.`,
  );

  const hours = ofKind(parts, 'hours');
  const withHours = inOrder(campaigns).filter(({ id }) => hours.has(id));
  choose(byId('hours-of'), [['', 'all shown campaigns'], ...withHours.map(({ id, name }) => [id, name])]);
  const only = byId('hours-of').value;
  const counted = withHours.filter(({ id }) => only === '' || only === id).map(({ id }) => hours.get(id));
  showHours(counted);
  showFigures(
    house,
    campaigns,
    withHours.map(({ id }) => hours.get(id)),
  );

  const { calls, is_more: isMore } = parts.get('unknown');
  const ofChosen = calls.filter((call) => isChosen(call.environment_id));
  showUnknown(
    { calls: ofChosen, is_more: isMore },
    (id) => every.find((campaign) => campaign.id === id)?.name,
    house,
  );
  showEnvironments(
    named.filter(({ id }) => isChosen(id)),
    house.may_change,
  );
  show(byId('environments-left-out'), house.environments_left_out > 0);
  say(
    byId('environments-left-out'),
    `${count(house.environments_left_out, 'more is', 'more are')} not shown, the last by name. Their kill switches are thrown by PATCH /environment.`,
  );
  show(byId('read-only'), !house.may_change);
}

/** Options of a list to choose from; what was chosen stays chosen while it is there. */
function choose(select, options) {
  const before = select.value;
  keep(
    select,
    options,
    ([value]) => `option ${value}`,
    ([value]) => element('option', { value }),
    (option, [, label]) => say(option, label),
  );
  select.value = options.some(([value]) => value === before) ? before : '';
}

function showFigures(house, campaigns, hours) {
  const sum = (of) => campaigns.reduce((total, campaign) => total + of(campaign), 0);
  const open = sum(underWay);
  const outcomes = hours.flatMap((ofCampaign) => Object.values(ofCampaign).flatMap(Object.entries));
  const dials = outcomes.reduce((total, [, some]) => total + some, 0);
  const answered = outcomes.reduce(
    (total, [outcome, some]) => total + (outcome === 'answered' ? some : 0),
    0,
  );
  const perMinute = (of) =>
    number(Math.round(60 * house.trunks.reduce((total, trunk) => total + of(trunk), 0)));
  const figures = [
    [
      'Waiting',
      number(sum(({ waiting }) => waiting)),
      `in ${number(campaigns.filter(({ waiting }) => waiting > 0).length)} campaigns`,
    ],
    [
      'Under way',
      number(open),
      `${number(sum(({ under_way: now }) => now.ringing))} ringing, ${number(sum(({ under_way: now }) => now.answered))} talking`,
    ],
    [
      'Starts a minute',
      rate(sum(({ per_minute: pace }) => pace)),
      `trunks ${perMinute((trunk) => trunk.calls_per_second)} of ${perMinute(({ limit }) => limit)}`,
    ],
    ['Answered', dials === 0 ? '–' : percent(answered, dials), `of ${number(dials)} dials in 24 h`],
    ['Unknown', number(sum(({ unknown }) => unknown)), 'to be resolved'],
  ];
  keep(
    byId('figures'),
    figures,
    ([label]) => label,
    ([label]) =>
      element(
        'div',
        {},
        element('dt', {}, label),
        element('dd', { class: 'big', 'data-part': 'value' }),
        element('dd', { class: 'quiet', 'data-part': 'more' }),
      ),
    (figure, [, value, more]) => {
      say(part(figure, 'value'), value);
      say(part(figure, 'more'), more);
    },
  );
}

function showNotices(house, environments) {
  keep(
    byId('notices'),
    noticesOf(house, environments),
    ({ key }) => key,
    () => element('p'),
    (notice, { effect, sentence }) => {
      notice.className = `notice ${effect}`;
      say(notice, sentence);
    },
  );
}
