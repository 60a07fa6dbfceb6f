import { IsOptional, IsString, Length, Matches } from 'class-validator';

/** Printable ASCII: what an HTTP header may carry. */
export const PRINTABLE = /^[ -~]+$/;

/** A header's name, as HTTP allows it. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** A header that is sent along with a request to the client's own server. */
export class CustomHeader {
  @IsString() @Length(1, 255) @Matches(HEADER_NAME) key: string;
  /** Absent or null: the value stored under this key, since values are not shown to be sent back. */
  @IsOptional() @IsString() @Length(1, 2_000) @Matches(PRINTABLE) value?: string | null;
}

/** By dotted key: which header is named twice. */
export function repeatedHeaderFaults(headers: CustomHeader[]): Record<string, string[]> {
  const names = headers.map(({ key }) => key.toLowerCase());
  const index = names.findIndex((name, place) => names.indexOf(name) !== place);
  return index === -1 ? {} : { [`custom_headers.${index}.key`]: ['The header is named before.'] };
}
