/** Which column of a file has what. */
export interface Layout {
  hasHeading: boolean;
  numberAt: number;
  /** Set in files of North American registries: area code and number in columns of their own. */
  areaCodeAt: number | null;
  reasonAt: number | null;
  sourceAt: number | null;
  expiryAt: number | null;
}

/** Headings of a column of numbers, without case, spaces, `_` and `-`. */
export const NUMBER_HEADINGS = [
  'number',
  'phone',
  'phonenumber',
  'telephone',
  'telephonenumber',
  'tel',
  'mobile',
  'mobilenumber',
  'msisdn',
  'e164',
  'to',
  'tonumber',
];

const NO_DETAILS = { reasonAt: null, sourceAt: null, expiryAt: null };

/**
 * Reads the layout off the first record of a file that has something in it: a heading, or already numbers.
 * @param column the heading of the column that has the numbers, where the caller knows it
 * @returns a sentence where it cannot be told
 */
export function layoutOf(record: string[], column?: string): Layout | string {
  if (column !== undefined) {
    const numberAt = record.findIndex((heading) => plain(heading) === plain(column));
    return numberAt === -1 ? `It has no column ${column}.` : headed(record, numberAt);
  }
  const dialled = record.findIndex(looksDialled);
  if (dialled !== -1) return withoutHeading(record, dialled);
  const numberAt =
    record.length === 1 ? 0 : record.findIndex((cell) => NUMBER_HEADINGS.includes(plain(cell)));
  if (numberAt === -1)
    return 'Its first line names no column of numbers that is known, such as phone_number: name it.';
  return headed(record, numberAt);
}

function headed(record: string[], numberAt: number): Layout {
  const place = (...headings: string[]) => {
    const found = record.findIndex((heading) => headings.includes(plain(heading)));
    return found === -1 ? null : found;
  };
  return {
    hasHeading: true,
    numberAt,
    areaCodeAt: place('areacode'),
    reasonAt: place('reason'),
    sourceAt: place('source'),
    expiryAt: place('expiresat', 'expires', 'expiry'),
  };
}

/** The numbers of North America without their country, as registries there are handed out: `212,5550123`. */
function withoutHeading(record: string[], dialled: number): Layout {
  const isSplit = /^[2-9]\d\d$/.test(record[0] ?? '') && /^\d{7}$/.test(record[1] ?? '');
  return {
    hasHeading: false,
    numberAt: isSplit ? 1 : dialled,
    areaCodeAt: isSplit ? 0 : null,
    ...NO_DETAILS,
  };
}

/** A heading has no five digits. */
export function looksDialled(cell: string): boolean {
  return cell.replaceAll(/\D/g, '').length >= 5;
}

/** A heading without case, spaces, `_` and `-`. */
export function plain(heading: string): string {
  return heading.toLowerCase().replaceAll(/[\s_-]/g, '');
}
