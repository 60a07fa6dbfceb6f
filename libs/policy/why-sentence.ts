import type { RefuseReason, WaitReason } from './decide-dial.js';
import type { Evidence } from './evidence.js';
import type { StopReason } from './retry-plan.js';

/** Reasons that have a sentence: what holds a call, and what ended one without a conversation. */
type SaidReason =
  | WaitReason
  | RefuseReason
  | StopReason
  | 'not_due'
  | 'about_to_dial'
  | 'campaign_ramp'
  | 'caller_id_pace'
  | 'import_undone';

const SENTENCES: Record<SaidReason, string> = {
  not_due: 'Its time has not come',
  about_to_dial: 'Nothing holds it: it is about to be dialled',
  campaign_ramp: 'The hours of its campaign have just opened, and its starts rise to their rate',
  caller_id_pace: 'The numbers that it may come from are all taken in this second',
  kill_switch: 'The kill switch of the environment is on',
  campaign_not_active: 'Its campaign is not active',
  agent_not_published: 'The agent of its campaign is not published',
  no_credits: 'The environment has too few credits left for a call',
  campaign_budget_spent: 'The budget of its campaign is spent, or reserved by calls under way',
  campaign_daily_budget_spent:
    'The budget of its campaign for the day is spent, or reserved by calls under way',
  outside_calling_window: 'The hours of its campaign are closed',
  outside_legal_hours: 'The legal hours of the called person are closed',
  number_cap_reached: 'The number has been called as often as is allowed',
  number_cooling_down: 'The number is cooling down',
  number_in_another_call: 'The number is in another call',
  do_not_call_registry_out_of_date: 'A Do-Not-Call registry that its campaign reads is out of date',
  no_trunk: 'No trunk takes calls to its number, from the numbers that it may come from',
  trunk_resting: 'The trunk that it would go over fails, and rests',
  do_not_call: 'The number is on a Do-Not-Call list',
  caller_ids_capped: 'The numbers that it may come from have all made their calls of the day',
  callee_zone_unknown: 'Nobody can tell the clock of the called person, and legal hours are enforced',
  no_lawful_opening: 'There is no time before the end of its campaign at which all rules would let it go',
  campaign_cancelled: 'Its campaign was cancelled',
  campaign_completed: 'Its campaign was completed before',
  campaign_ended: 'The last day of its campaign was over before',
  call_expired: 'Its own deadline passed before',
  settled: 'It came to what it was for',
  permanent: 'How it ended is for good: no retry would help',
  retries_used: 'Its retries are used up',
  end_surmised: 'Its end is known only of a call like it, so nothing is dialled again',
  given_back_too_often: 'Its tries were given back too often without one that counted',
  expired: 'The next retry would have come after its own deadline',
  campaign_closed: 'Its campaign was closed before a retry',
  call_cancelled: 'It was cancelled',
  import_undone: 'The import that it came with was undone',
};

/** Of these nobody knows when they end: the call is looked at again from time to time, and when they are over. */
const WITHOUT_FORECAST: ReadonlySet<string> = new Set<WaitReason>([
  'no_credits',
  'campaign_budget_spent',
  'campaign_daily_budget_spent',
  'number_in_another_call',
  'do_not_call_registry_out_of_date',
  'no_trunk',
  'trunk_resting',
]);

/** Of these it may go at any moment. */
const OPEN_ENDED: ReadonlySet<string> = new Set(['about_to_dial', 'campaign_ramp', 'caller_id_pace']);

/**
 * One sentence for people: what holds or ended a call, the particulars that its evidence has, and from when on it may go.
 * Null: for this reason there is none.
 * @param nextAt the earliest it may go; told in UTC
 */
export function whySentence(
  reason: string | null,
  evidence: Evidence | null,
  nextAt: Date | null,
): string | null {
  if (reason === null || !Object.hasOwn(SENTENCES, reason)) return null;
  const particulars = particularsOf(evidence);
  const detail = particulars === null ? '' : ` (${particulars})`;
  const what = WITHOUT_FORECAST.has(reason) ? 'It is looked at again at' : 'It may go from';
  const until = nextAt === null || OPEN_ENDED.has(reason) ? '' : ` ${what} ${toTheMinute(nextAt)}.`;
  return `${SENTENCES[reason as SaidReason]}${detail}.${until}`;
}

/** What the rule that decided looked at, as far as a sentence bears it. */
function particularsOf(evidence: Evidence | null): string | null {
  const decided = evidence?.rules.find(({ passed }) => !passed);
  if (decided === undefined) return null;
  const { inputs } = decided;
  switch (decided.rule) {
    case 'campaign_active':
      return `${inputs.status as string}`;
    case 'caller_ids':
      return `${inputs.callsPerDay as number} a day each, ${inputs.timezone as string}`;
    case 'do_not_call':
      return inputs.blocked === true
        ? `list: ${inputs.list as string}`
        : `${inputs.registry as string}: ${inputs.finding as string}`;
    case 'legal_guard':
      return closedOf(inputs as unknown as GuardInputs);
    case 'number_caps':
      return capsOf((inputs as unknown as CapInputs).caps);
    case 'number_cooldown':
      return (inputs as unknown as CooldownInputs).cooldowns
        .map(({ cooldown, hours }) => `${cooldown}: ${hours} hours`)
        .join(', ');
    default:
      return null;
  }
}

interface GuardInputs {
  zones: { zone: string; local: string }[];
  rules: { rule: string; enforced: boolean; closedIn: string[] }[];
}

interface CapInputs {
  caps: { cap: string; calls: number; hours: number; enforced: boolean; until: string | Date | null }[];
}

interface CooldownInputs {
  cooldowns: { cooldown: string; hours: number }[];
}

/** `us-fl in America/Chicago, Wed 2026-11-25 20:46` for the first zone in which an enforced rule is closed. */
function closedOf({ zones, rules }: GuardInputs): string | null {
  const closed = rules.find(({ enforced, closedIn }) => enforced && closedIn.length > 0);
  const [zone] = closed?.closedIn ?? [];
  if (closed === undefined || zone === undefined) return null;
  const local = zones.find((each) => each.zone === zone)?.local;
  return `${closed.rule} in ${zone}${local === undefined ? '' : `, ${local}`}`;
}

function capsOf(caps: CapInputs['caps']): string {
  return caps
    .filter(({ enforced, until }) => enforced && until !== null)
    .map(({ cap, calls, hours }) => `${cap}: ${calls} in ${hours} hours`)
    .join(', ');
}

function toTheMinute(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
