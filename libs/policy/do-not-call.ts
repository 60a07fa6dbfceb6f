/** A Do-Not-Call entry that matches a number; which of these stop a call is decided here and nowhere else. */
export interface DoNotCallMatch {
  id: string;
  /** `opt_out`: a person asked. `list`: an import, a registry or an automatic addition. */
  kind: 'opt_out' | 'list';
  /** Which list it stands on: the environment's, one campaign's own, or the operator's for everybody. */
  list: 'environment' | 'campaign' | 'global';
  /** Null: until it is removed. */
  expiresAt: Date | null;
  source: string | null;
}

export interface DoNotCallSettings {
  doNotCallEnabled: boolean;
  doNotCallListSource: 'environment' | 'global' | 'custom';
  doNotCallCustomList: string[];
}

export type DoNotCallVerdict = { blocked: false } | { blocked: true; entryId: string | null; list: string };

/**
 * Whether Do-Not-Call entries stop a call at this instant. A person's own opt-out stops every call of the
 * environment, whatever a campaign says; list entries count where the campaign enables the list they stand on.
 */
export function doNotCallVerdict(
  to: string,
  matches: DoNotCallMatch[],
  settings: DoNotCallSettings,
  now: Date,
): DoNotCallVerdict {
  for (const match of matches) {
    const expired = match.expiresAt !== null && match.expiresAt <= now;
    if (!expired && appliesTo(match, settings)) return { blocked: true, entryId: match.id, list: match.list };
  }
  const custom = settings.doNotCallEnabled && settings.doNotCallListSource === 'custom';
  if (custom && settings.doNotCallCustomList.includes(to)) {
    return { blocked: true, entryId: null, list: 'custom' };
  }
  return { blocked: false };
}

function appliesTo(match: DoNotCallMatch, settings: DoNotCallSettings): boolean {
  if (match.kind === 'opt_out') return true;
  if (!settings.doNotCallEnabled) return false;
  switch (settings.doNotCallListSource) {
    case 'environment':
      return match.list === 'environment';
    case 'custom':
      return match.list === 'campaign';
    case 'global':
      return match.list === 'global' || match.list === 'environment';
  }
}
