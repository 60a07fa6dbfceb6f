import {
  IsUrl,
  isUUID,
  registerDecorator,
  ValidateIf,
  type ValidationArguments,
  type ValidationOptions,
} from 'class-validator';
import { agentPlace, MAX_PLACE_LENGTH } from '#policy/agent-place.js';
import {
  instantFault,
  isCalendarDate,
  isObject,
  phoneNumberFault,
  sizeFault,
  smallObjectFault,
  timeZoneFault,
  ZONED,
} from '#policy/call-fields.js';
import { toE164 } from '#policy/phone-number.js';
import { templateFault } from '#policy/webhook-template.js';
import { ANY_OBJECT, DATE, ID, INTEGER, list, object, TEXT, type Schema } from './openapi/schema.js';

/** What class-validator does not know: each answers with a message, or null when the value is right. */
type Judge = (value: unknown, field: string) => string | null;

/**
 * A rule, by its name, by the schema that describes what it lets pass, and by its judgement. The schema may let pass
 * more than the judgement, never less.
 */
function rule(
  name: string,
  schema: Schema,
  judge: Judge,
): (options?: ValidationOptions) => PropertyDecorator {
  return (options) => (target, propertyName) => {
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: propertyName as string,
      options: options ?? {},
      constraints: [schema],
      validator: {
        validate: (value: unknown, { property }: ValidationArguments = NOWHERE) =>
          judge(value, property) === null,
        defaultMessage: (at: ValidationArguments = NOWHERE) => judge(at.value, at.property) ?? '',
      },
    });
  };
}

const NOWHERE = {
  value: undefined as unknown,
  property: '',
} as import('class-validator').ValidationArguments;

/** Absent is allowed, null is not: for fields that cannot be cleared. */
export const MayBeAbsent = () => ValidateIf((_, value) => value !== undefined);

/** Where a request may be sent. A user and password belong into fields of their own, where they are sealed. */
export const IsWebAddress = () =>
  IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false, disallow_auth: true });

const AGENT_PLACE: Schema = {
  ...TEXT,
  pattern: '^(wss|sips?|https|stasis|dialplan|audiosocket):',
  maxLength: MAX_PLACE_LENGTH,
  examples: ['wss://voice.example.com/agent'],
};

/** Where an agent runs: an address that carriers connect calls to. */
export const IsAgentPlace = rule('agentPlace', AGENT_PLACE, (value, field) =>
  typeof value === 'string' && agentPlace(value) !== null
    ? null
    : `The ${field} field must be an address that begins with wss:, sip:, sips:, https:, stasis:, dialplan: or audiosocket:, without a password.`,
);

/** Ids of things that the field refers to. */
export const AreIds = rule('ids', list(ID), (value, field) => {
  if (!Array.isArray(value)) return `The ${field} field must be a list of ids.`;
  const index = value.findIndex((item) => !isUUID(item));
  return index === -1 ? null : `@${index}|Each item of ${field} must be an id.`;
});

/** A number between two others, and neither of them. */
export const IsBetween = (low: number, high: number) =>
  rule('between', { type: 'number', exclusiveMinimum: low, exclusiveMaximum: high }, (value, field) =>
    typeof value === 'number' && value > low && value < high
      ? null
      : `The ${field} field must be a number above ${low} and below ${high}.`,
  )();

const PHONE_NUMBER: Schema = { ...TEXT, pattern: '^\\s*\\+', examples: ['+12025550123'] };

/** An international number; spaces and punctuation are accepted, a missing `+` is not. */
export const IsPhoneNumberE164 = rule('phoneNumber', PHONE_NUMBER, phoneNumberFault);

export const ArePhoneNumbers = rule('phoneNumbers', list(PHONE_NUMBER), (value, field) => {
  if (!Array.isArray(value)) return `The ${field} field must be a list of phone numbers.`;
  const index = value.findIndex((item) => toE164(item) === null);
  return index === -1 ? null : `@${index}|Each item of ${field} must be a phone number in E.164.`;
});

export const IsTimeZoneName = rule(
  'timeZone',
  { ...TEXT, maxLength: 50, examples: ['America/New_York'] },
  timeZoneFault,
);

/** A date of the calendar, `YYYY-MM-DD`. */
export const IsDate = rule('calendarDate', DATE, (value, field) =>
  isCalendarDate(value) ? null : `The ${field} field must be a date, YYYY-MM-DD.`,
);

export const AreDates = rule('calendarDates', list(DATE), (value, field) => {
  if (!Array.isArray(value)) return `The ${field} field must be a list of dates.`;
  const index = value.findIndex((item) => !isCalendarDate(item));
  return index === -1 ? null : `@${index}|Each item of ${field} must be a date, YYYY-MM-DD.`;
});

const WEEKDAYS: Schema = {
  ...list({ ...INTEGER, minimum: 1, maximum: 7 }),
  minItems: 1,
  uniqueItems: true,
};

/** Days of the week, Monday being 1. */
export const AreWeekdays = rule('weekdays', WEEKDAYS, (value, field) => {
  if (!Array.isArray(value) || value.length === 0) return `The ${field} field must list at least one day.`;
  const index = value.findIndex((day) => !Number.isInteger(day) || day < 1 || day > 7);
  if (index !== -1) return `@${index}|Each item of ${field} must be from 1 (Monday) to 7 (Sunday).`;
  return new Set(value).size === value.length ? null : `The ${field} field must not name a day twice.`;
});

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;

/** More windows than a day of quarter hours has are no windows any more. */
const MOST_WINDOWS = 96;

const CALL_TIME_RANGES: Schema = {
  ...list(
    object({
      start: { ...TEXT, pattern: CLOCK.source },
      end: { ...TEXT, pattern: `${CLOCK.source}|^24:00$` },
    }),
  ),
  minItems: 1,
  maxItems: MOST_WINDOWS,
};

/** Windows of a day: `HH:MM`, each ending after it starts; `24:00` may end one. */
export const AreCallTimeRanges = rule('callTimeRanges', CALL_TIME_RANGES, (value, field) => {
  if (!Array.isArray(value) || value.length === 0) return `The ${field} field must have at least one window.`;
  if (value.length > MOST_WINDOWS) return `The ${field} field must have at most ${MOST_WINDOWS} windows.`;
  for (const [index, window] of value.entries()) {
    const fault = windowFault(window);
    if (fault !== null) return `@${index}${fault.at}|${fault.text}`;
  }
  return null;
});

function windowFault(window: unknown): { at: string; text: string } | null {
  if (typeof window !== 'object' || window === null)
    return { at: '', text: 'Each window must have a start and an end.' };
  const { start, end, ...unknown } = window as Record<string, unknown>;
  const [other] = Object.keys(unknown);
  if (other !== undefined) return { at: `.${other}`, text: `property ${other} should not exist` };
  if (typeof start !== 'string' || !CLOCK.test(start))
    return { at: '.start', text: 'The start must be HH:MM.' };
  if (typeof end !== 'string' || !(CLOCK.test(end) || end === '24:00')) {
    return { at: '.end', text: 'The end must be HH:MM, or 24:00 for the end of the day.' };
  }
  return end > start ? null : { at: '.end', text: 'The end must be after the start.' };
}

/** An object of the client's own: at most 16 kB as JSON, and 8 levels deep. */
export const IsSmallObject = rule('smallObject', ANY_OBJECT, smallObjectFault);

/** A list of objects, for those whose fields are judged by a class: that lets pass a list in the place of an object. */
export const AreObjects = rule('objects', { type: 'array' }, objectsFault);

/** A list of the client's own objects, within the same bounds together. */
export const AreSmallObjects = rule(
  'smallObjects',
  list(ANY_OBJECT),
  (value, field) => objectsFault(value, field) ?? sizeFault(value, field),
);

function objectsFault(value: unknown, field: string): string | null {
  if (!Array.isArray(value)) return `The ${field} field must be a list of objects.`;
  const index = value.findIndex((item) => !isObject(item));
  return index === -1 ? null : `@${index}|Each item of ${field} must be an object.`;
}

const PAYLOAD_TEMPLATES = (events: string[]): Schema => ({
  type: 'object',
  propertyNames: { enum: events },
  additionalProperties: { type: ['object', 'string'] },
});

/** What endpoints are told instead of whole events, by the event's name; within the bounds of the client's own objects. */
export const ArePayloadTemplates = (events: string[]) =>
  rule('payloadTemplates', PAYLOAD_TEMPLATES(events), (value, field) => {
    if (!isObject(value)) return `The ${field} field must be an object of templates by event.`;
    for (const [event, template] of Object.entries(value as object)) {
      if (!events.includes(event)) return `@${event}|There is no such event.`;
      if (typeof template !== 'string' && !isObject(template))
        return `@${event}|A template is an object, or a text.`;
      const fault = templateFault(template);
      if (fault !== null) return `@${event}|The template ${fault}.`;
    }
    return sizeFault(value, field);
  })();

/** An instant with its offset, so that it means the same everywhere. */
export const IsInstant = rule(
  'instant',
  { ...TEXT, pattern: ZONED.source, examples: ['2026-01-31T09:00:00Z'] },
  instantFault,
);
