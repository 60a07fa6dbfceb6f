const NUMBER = new Intl.NumberFormat('en');
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const ONE_DECIMAL = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const TIME_AND_SECOND = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const DAY_AND_TIME = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const DATE_AND_TIME = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

const DAY_MS = 86_400_000;

/** The zone that all times of the page are told in. */
export const ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

export const number = (value) => NUMBER.format(value);
export const short = (value) => (value < 1_000 ? NUMBER.format(value) : SHORT.format(value).toLowerCase());
/** With a decimal where it says something. */
export const rate = (value) =>
  value === 0 || value >= 100 ? NUMBER.format(Math.round(value)) : ONE_DECIMAL.format(value);
export const timeNow = () => TIME_AND_SECOND.format(new Date());
export const hourOf = (at) => TIME.format(at).slice(0, 2);

/** With no decimals from a tenth on: 0.4 %, 12 %. */
export function percent(part, whole) {
  if (whole === 0) return '0 %';
  const share = (100 * part) / whole;
  return `${share > 0 && share < 10 ? ONE_DECIMAL.format(share) : NUMBER.format(Math.round(share))} %`;
}

/** An instant as shortly as it is clear: today, this week, this year, some day. */
export function when(text) {
  const at = new Date(text);
  const apartMs = Math.abs(at.getTime() - Date.now());
  if (at.toDateString() === new Date().toDateString()) return TIME.format(at);
  if (apartMs < 6 * DAY_MS) return DAY_AND_TIME.format(at);
  return apartMs < 300 * DAY_MS ? DATE_AND_TIME.format(at) : DATE.format(at);
}

/** `45 min`, `3 h 20 min`, `1,200 h`: of open hours, so that no day is meant. */
export function duration(minutes) {
  if (minutes < 60) return `${minutes} min`;
  if (minutes >= 24 * 60) return `${NUMBER.format(Math.round(minutes / 60))} h`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${rest} min`}`;
}

export function count(value, one, many = `${one}s`) {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** Outcomes and states in the order they are shown. */
export const OUTCOMES = {
  answered: 'Answered',
  voicemail: 'Voicemail',
  no_answer: 'No answer',
  busy: 'Busy',
  rejected: 'Rejected',
  unreachable: 'Unreachable',
  invalid_number: 'Invalid number',
  blocked_by_carrier: 'Blocked by carrier',
  carrier_limit: 'Carrier at its limit',
  carrier_failure: 'Carrier failure',
  our_fault: 'Our fault',
  cancelled: 'Cancelled',
  unknown: 'Unknown',
};

export const ENDS = {
  completed: 'Completed',
  voicemail: 'Voicemail',
  'no-answer': 'No answer',
  busy: 'Busy',
  failed: 'Failed',
  blocked: 'Blocked',
  cancelled: 'Cancelled',
  expired: 'Expired',
};

/** Until when a campaign is to be worked on, in a figure and a line below it. */
export function forecastWords({ forecast, status, under_way: underWay }) {
  const open = Object.values(underWay).reduce((sum, some) => sum + some, 0);
  if (forecast === null) return ['', ''];
  if (forecast.kind === 'nothing_waits')
    return open > 0 ? ['The last calls', 'Nothing waits'] : ['–', 'Nothing waits'];
  if (forecast.kind === 'no_pace') return ['–', 'No pace to go by yet'];
  const figure = duration(forecast.open_minutes);
  if (forecast.left > 0)
    return [figure, `of open hours; its last day leaves ${count(forecast.left, 'call')}`];
  if (status !== 'active') return [figure, 'of open hours, once it dials'];
  const ends =
    forecast.ends_at === null ? 'more than a year ahead' : `${when(forecast.ends_at)} at the earliest`;
  return [figure, `of open hours; ${ends}`];
}
