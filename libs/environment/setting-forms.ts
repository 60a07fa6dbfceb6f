import { Transform } from 'class-transformer';

/** Addresses within a network of one's own are addresses too. */
export const URL_RULES = { require_tld: false, require_protocol: true, allow_underscores: true } as const;

/** A whole phone number, whoever it belongs to: its country's rules are not looked at. */
export const E164 = /^\+[1-9]\d{6,14}$/;

/** A variable that is empty is not set. */
export const asNumber = Transform(({ value }: { value: unknown }) =>
  value === '' || value == null ? undefined : Number(value),
);

export const asBoolean = Transform(({ value }: { value: unknown }) =>
  value === undefined ? undefined : value === 'true' ? true : value === 'false' ? false : value,
);

/** Comma-separated. */
export const asList = Transform(({ value }: { value: unknown }) =>
  typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value,
);
