import type { Outcome } from './outcomes.js';

/** A place where a number stands on a Do-Not-Call list; which of these stop a call is decided here and nowhere else. */
export interface DoNotCallMatch {
  /** Of the entry, or of the registry. */
  id: string;
  /** `opt_out`: a person asked. `list`: an import, a registry or an automatic addition. */
  kind: 'opt_out' | 'list';
  /** Which list it stands on: the environment's, one campaign's own, or the operator's for everybody. */
  list: 'environment' | 'campaign' | 'global';
  /** Null: until it is removed. */
  expiresAt: Date | null;
  /** Where an entry came from, in the words of whoever added it; the name of a registry. */
  source: string | null;
  /** Set where the number stands in a registry and not in an entry of its own. */
  registryId: string | null;
}

/** A registry, such as a national one, that an environment is to obey: how old its snapshot is, and may be. */
export interface RegistryState {
  id: string;
  name: string;
  /** `environment`: attached to this one. `global`: the operator's, for everybody. */
  list: 'environment' | 'global';
  /** `YYYY-MM-DD`: the day its numbers are of. Null: nothing was imported yet. */
  snapshotDate: string | null;
  /** A snapshot older than this says nothing any more. Null: it never grows old. */
  maxAgeDays: number | null;
}

/** What is known of a number: where it stands, and the registries that were asked. */
export interface DoNotCallFacts {
  matches: DoNotCallMatch[];
  registries: RegistryState[];
}

export interface DoNotCallSettings {
  doNotCallEnabled: boolean;
  doNotCallListSource: 'environment' | 'global' | 'custom';
  doNotCallCustomList: string[];
}

export type DoNotCallVerdict =
  | { kind: 'clear' }
  | {
      kind: 'listed';
      /** What stands there: a person's own word, or a list's. */
      as: DoNotCallMatch['kind'];
      list: DoNotCallMatch['list'] | 'custom';
      entryId: string | null;
      source: string | null;
      /** The name of the registry, where it is one that has the number. */
      registry: string | null;
    }
  /** A registry that the campaign uses cannot be believed: whether the number stands in it, nobody can tell. */
  | { kind: 'out_of_date'; registry: string; finding: string };

/** How long a call steps back while a registry is out of date; a fresh snapshot makes it due at once. */
export const REGISTRY_PAUSE_MS = 6 * 3_600_000;

/**
 * Whether Do-Not-Call lists stop a call at this instant. A person's own opt-out stops every call of the environment,
 * whatever a campaign says; list entries and registries count where the campaign enables the list they stand on. What
 * an out-of-date registry says counts neither for nor against: the call is to wait for a fresh one.
 */
export function doNotCallVerdict(
  to: string,
  { matches, registries }: DoNotCallFacts,
  settings: DoNotCallSettings,
  now: Date,
): DoNotCallVerdict {
  const outOfDate = registriesOutOfDate(registries, settings, now);
  for (const match of matches) {
    const isDoubtful = outOfDate.some(({ id }) => id === match.registryId);
    if (isDoubtful || !standsAt(match, now) || !appliesTo(match, settings)) continue;
    const { id, kind: as, list, source, registryId } = match;
    return registryId === null
      ? { kind: 'listed', as, list, entryId: id, source, registry: null }
      : { kind: 'listed', as, list, entryId: null, source: null, registry: source };
  }
  if (isRead('campaign', settings) && settings.doNotCallCustomList.includes(to)) {
    return { kind: 'listed', as: 'list', list: 'custom', entryId: null, source: null, registry: null };
  }
  const [first] = outOfDate;
  if (first === undefined) return { kind: 'clear' };
  return { kind: 'out_of_date', registry: first.name, finding: first.finding };
}

/** The registries that a campaign reads and that cannot be believed, with why. */
export function registriesOutOfDate(
  registries: RegistryState[],
  settings: Pick<DoNotCallSettings, 'doNotCallEnabled' | 'doNotCallListSource'>,
  now: Date,
): { id: string; name: string; finding: string }[] {
  return registries.flatMap((registry) => {
    const finding = isRead(registry.list, settings) ? staleness(registry, now) : null;
    return finding === null ? [] : [{ id: registry.id, name: registry.name, finding }];
  });
}

/** Whether a match has not expired. */
export function standsAt({ expiresAt }: Pick<DoNotCallMatch, 'expiresAt'>, now: Date): boolean {
  return expiresAt === null || expiresAt > now;
}

/** Whether what stands on a list stops the calls of a campaign with these settings. */
export function appliesTo(
  { kind, list }: Pick<DoNotCallMatch, 'kind' | 'list'>,
  settings: Pick<DoNotCallSettings, 'doNotCallEnabled' | 'doNotCallListSource'>,
): boolean {
  return kind === 'opt_out' || isRead(list, settings);
}

function isRead(
  list: DoNotCallMatch['list'],
  {
    doNotCallEnabled,
    doNotCallListSource,
  }: Pick<DoNotCallSettings, 'doNotCallEnabled' | 'doNotCallListSource'>,
): boolean {
  if (!doNotCallEnabled) return false;
  switch (doNotCallListSource) {
    case 'environment':
      return list === 'environment';
    case 'custom':
      return list === 'campaign';
    case 'global':
      return list === 'global' || list === 'environment';
  }
}

/** What campaigns may read: no list, or the one that `do_not_call_list_source` names. */
export const READINGS = ['off', 'environment', 'global', 'custom'] as const;

export type Reading = (typeof READINGS)[number];

/** Which campaigns' calls a match stops, by what they read. Of a campaign's own list: only that campaign's. */
export function stopsCallsReading(match: DoNotCallMatch, now: Date): Reading[] {
  if (!standsAt(match, now)) return [];
  return READINGS.filter((reading) =>
    appliesTo(match, {
      doNotCallEnabled: reading !== 'off',
      doNotCallListSource: reading === 'off' ? 'environment' : reading,
    }),
  );
}

/** Days from a registry's snapshot to today, in UTC. Null: nothing was imported yet. */
export function ageDays({ snapshotDate }: Pick<RegistryState, 'snapshotDate'>, now: Date): number | null {
  if (snapshotDate === null) return null;
  return Math.floor((now.getTime() - Date.parse(`${snapshotDate}T00:00:00Z`)) / 86_400_000);
}

/** Why a registry cannot be believed: `snapshot 33 days old, at most 31`. Null: it can. */
export function staleness(
  registry: Pick<RegistryState, 'snapshotDate' | 'maxAgeDays'>,
  now: Date,
): string | null {
  const age = ageDays(registry, now);
  if (age === null) return 'no snapshot was imported yet';
  const { maxAgeDays } = registry;
  return maxAgeDays === null || age <= maxAgeDays ? null : `snapshot ${age} days old, at most ${maxAgeDays}`;
}

/** What the verdict was reached from, for the evidence: the registries that count, with the age of each. */
export function doNotCallEvidence(
  verdict: DoNotCallVerdict,
  { registries }: DoNotCallFacts,
  settings: DoNotCallSettings,
  now: Date,
): Record<string, unknown> {
  const { kind: _, ...found } = verdict;
  const asked = registries
    .filter(({ list }) => isRead(list, settings))
    .map(({ name, snapshotDate, maxAgeDays, ...registry }) => ({
      registry: name,
      snapshotDate,
      ageDays: ageDays({ snapshotDate }, now),
      maxAgeDays,
      list: registry.list,
    }));
  return {
    enabled: settings.doNotCallEnabled,
    source: settings.doNotCallListSource,
    blocked: verdict.kind === 'listed',
    ...found,
    ...(asked.length === 0 ? {} : { registries: asked }),
  };
}

/** Errors that a campaign may name to have numbers added by themselves, in the contract's words. */
export type TriggerError = 'invalid_number' | 'disconnected';

/** SIP 410 Gone, and Q.850 22 "number changed": it was a number, and is none any more. */
const GONE = { sip: 410, q850: 22 };

/**
 * What a call that is over says of its number: none, or none any more. A phone that is switched off or without a network
 * says neither, and is no reason to give a person up for good.
 */
export function triggerErrors(
  outcome: Outcome | null,
  end: { sipCode: number | null; q850: number | null },
): TriggerError[] {
  if (outcome !== 'invalid_number') return [];
  const isGone = end.sipCode === GONE.sip || end.q850 === GONE.q850;
  return isGone ? ['invalid_number', 'disconnected'] : ['invalid_number'];
}
