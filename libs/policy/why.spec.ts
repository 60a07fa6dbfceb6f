import { describe, expect, it } from 'vitest';
import { whyHeld, whyIdle, type CampaignFacts } from './why.js';

const NOW = new Date('2026-11-23T12:00:00Z'); // a Monday

const DIALLING: CampaignFacts = {
  now: NOW,
  campaign: {
    status: 'active',
    pauseReason: null,
    timezone: 'UTC',
    startDate: '2026-01-01',
    endDate: null,
    daysOfWeek: [1, 2, 3, 4, 5],
    callTimeRanges: [{ start: '09:00', end: '17:00' }],
  },
  agent: { currentStatus: 'published' },
  environment: { killSwitch: false },
  due: 5,
  later: 2,
  nextDueAt: new Date('2026-11-23T13:00:00Z'),
  slots: { campaign: { inUse: 1, limit: 2 }, environment: { inUse: 1, limit: 100 } },
  hasLeader: true,
};

function changed(change: {
  campaign?: Partial<CampaignFacts['campaign']>;
  rest?: Partial<CampaignFacts>;
}): CampaignFacts {
  return { ...DIALLING, ...change.rest, campaign: { ...DIALLING.campaign, ...change.campaign } };
}

describe('why a campaign is idle', () => {
  it('is nothing while it dials', () => {
    expect(whyIdle(DIALLING)).toEqual([]);
  });

  it.each<[string, Parameters<typeof changed>[0], string, string | null]>([
    ['paused by hand', { campaign: { status: 'paused' } }, 'campaign_not_active', null],
    ['a kill switch', { rest: { environment: { killSwitch: true } } }, 'kill_switch', null],
    ['a draft agent', { rest: { agent: { currentStatus: 'draft' } } }, 'agent_not_published', null],
    [
      'hours that are closed',
      { campaign: { callTimeRanges: [{ start: '13:00', end: '17:00' }] } },
      'outside_calling_window',
      '2026-11-23T13:00:00.000Z',
    ],
    [
      'a weekday off',
      { campaign: { daysOfWeek: [3] } },
      'outside_calling_window',
      '2026-11-25T09:00:00.000Z',
    ],
    ['a last day that is over', { campaign: { endDate: '2026-11-22' } }, 'campaign_ended', null],
    [
      'hours that never open again',
      { campaign: { endDate: '2026-11-24', daysOfWeek: [5] } },
      'no_lawful_opening',
      null,
    ],
    ['no calls', { rest: { due: 0, later: 0, nextDueAt: null } }, 'nothing_waits', null],
    ['calls for later', { rest: { due: 0 } }, 'nothing_is_due', '2026-11-23T13:00:00.000Z'],
    [
      'its own slots',
      { rest: { slots: { ...DIALLING.slots, campaign: { inUse: 2, limit: 2 } } } },
      'campaign_slots_in_use',
      null,
    ],
    [
      'the slots of the environment',
      { rest: { slots: { ...DIALLING.slots, environment: { inUse: 100, limit: 100 } } } },
      'environment_slots_in_use',
      null,
    ],
    ['no dialer', { rest: { hasLeader: false } }, 'no_dialer', null],
  ])('is told for %s', (_, change, reason, until) => {
    const reasons = whyIdle(changed(change));
    expect(reasons.map((one) => [one.reason, one.until?.toISOString() ?? null])).toEqual([[reason, until]]);
    expect(reasons[0]?.sentence).toMatch(/^[A-Z].*\.$/);
  });

  it('is all of it at once, what people did first, with the reason of a pause', () => {
    const facts = changed({
      campaign: { status: 'paused', pauseReason: 'our_fault: sip_403' },
      rest: { hasLeader: false, environment: { killSwitch: true } },
    });
    expect(whyIdle(facts).map(({ reason }) => reason)).toEqual([
      'campaign_not_active',
      'kill_switch',
      'no_dialer',
    ]);
    expect(whyIdle(facts)[0]?.sentence).toContain('sip_403');
  });
});

describe('what holds a call', () => {
  const ENVIRONMENT = {
    killSwitch: false,
    legalGuard: 'off' as 'off' | 'enforce',
    trustCallTimezone: false,
    legalDates: [],
  };
  const facts = {
    ...DIALLING,
    call: { to: '+12025550100', timezone: null, expiresAt: null, reason: null, readyAt: NOW },
    campaign: {
      ...DIALLING.campaign,
      doNotCallEnabled: false,
      doNotCallListSource: 'environment' as const,
      doNotCallCustomList: [],
      legalGuard: null,
    },
    environment: ENVIRONMENT,
    doNotCall: { matches: [], registries: [] },
    numberBusy: false,
  };

  it('is its time, moved into the hours, while it is not due', () => {
    const call = { ...facts.call, readyAt: new Date('2026-11-23T18:00:00Z') };
    expect(whyHeld({ ...facts, call }, [])).toEqual({
      reason: 'not_due',
      rule: null,
      nextAt: new Date('2026-11-24T09:00:00Z'),
      evidence: null,
    });
  });

  it('is the law of the person it calls, and not the time that law set', () => {
    const call = {
      ...facts.call,
      reason: 'outside_legal_hours',
      readyAt: new Date('2026-11-23T13:00:00Z'),
    };
    const environment = { ...ENVIRONMENT, legalGuard: 'enforce' as const };
    expect(whyHeld({ ...facts, environment, call }, [])).toMatchObject({
      reason: 'outside_legal_hours',
      rule: 'legal_guard',
      nextAt: call.readyAt,
    });
  });

  it('is the first rule that does not pass, with what every rule said until then', () => {
    const held = whyHeld({ ...facts, environment: { ...ENVIRONMENT, killSwitch: true } }, []);
    expect(held).toMatchObject({ reason: 'kill_switch', rule: 'kill_switch_off' });
    expect(held.evidence?.rules.at(-1)).toMatchObject({ rule: 'kill_switch_off', passed: false });
  });

  it('is what keeps its campaign, where every rule passes, else nothing but its turn', () => {
    const idle = whyIdle({ ...DIALLING, hasLeader: false });
    expect(whyHeld(facts, idle)).toMatchObject({ reason: 'no_dialer', rule: null });
    expect(whyHeld(facts, [])).toMatchObject({ reason: 'about_to_dial', nextAt: NOW });
  });
});
