import { IsBoolean, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { toE164 } from '#policy/phone-number.js';
import { errors } from '../http-errors.js';
import { IsPhoneNumberE164, IsSmallObject, IsTimeZoneName, MayBeAbsent } from '../rules.js';
import { validated } from '../validated.js';

export class MakeCallBody {
  static readonly example: object = { to: '+12025550100', payload: { name: 'Ana' }, delay_seconds: 0 };

  @IsPhoneNumberE164() to: string;
  @IsOptional() @IsSmallObject() payload?: Record<string, unknown> | null;
  @IsOptional() @IsSmallObject() context?: Record<string, unknown> | null;
  @MayBeAbsent() @IsBoolean() is_testing?: boolean;
  @MayBeAbsent() @IsInt() @Min(0) @Max(3600) delay_seconds?: number;
  @IsOptional() @IsTimeZoneName() timezone?: string | null;
}

/** The same, with the agent in the body instead of the path. */
export class MakeCallOfAgentBody extends MakeCallBody {
  static override readonly example = {
    agent_id: '3f0e8f9c-6a53-4a0e-9c7e-0d5f3f1b2a10',
    ...MakeCallBody.example,
  };

  @IsString() agent_id: string;
}

/** Longest text that an error repeats. */
const MAX_ECHO_LENGTH = 64;

/** Reads a body; a missing or wrong number has, on these routes alone, codes of its own. */
export function readMakeCall<T extends MakeCallBody>(shape: new () => T, body: unknown): T {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const to = isObject ? (body as { to?: unknown }).to : '-';
  if (to === undefined || to === null || to === '') throw errors.missingPhoneNumber();
  if (isObject && toE164(to) === null) {
    throw errors.invalidPhoneNumber(typeof to === 'string' ? to.slice(0, MAX_ECHO_LENGTH) : null);
  }
  return validated(shape, body);
}
