import { describe, expect, it } from 'vitest';
import { evidenceOf, type RuleEvidence } from './evidence.js';
import { whySentence } from './why-sentence.js';

const NOW = new Date('2026-11-25T20:46:00Z');
const LATER = new Date('2026-11-26T14:00:00Z');

const decidedBy = (rule: string, inputs: RuleEvidence['inputs']) =>
  evidenceOf(NOW, [
    { rule: 'campaign_open', passed: true, inputs: { status: 'active' } },
    { rule, passed: false, inputs },
  ]);

describe('the sentence of a call', () => {
  it.each<[string, RuleEvidence['rule'], RuleEvidence['inputs'], Date | null, string]>([
    [
      'outside_legal_hours',
      'legal_guard',
      {
        zones: [
          { zone: 'America/New_York', local: 'Wed 2026-11-25 15:46' },
          { zone: 'Asia/Kolkata', local: 'Thu 2026-11-26 02:16' },
        ],
        rules: [
          { rule: 'us-fcc', enforced: false, closedIn: ['America/New_York'] },
          { rule: 'us-fl', enforced: true, closedIn: ['Asia/Kolkata'] },
        ],
      },
      LATER,
      'The legal hours of the called person are closed (us-fl in Asia/Kolkata, Thu 2026-11-26 02:16). It may go from 2026-11-26 14:00 UTC.',
    ],
    [
      'number_cap_reached',
      'number_caps',
      {
        caps: [
          { cap: 'day', calls: 3, hours: 24, enforced: true, until: LATER },
          { cap: 'week', calls: 9, hours: 168, enforced: true, until: null },
          { cap: 'us-md', calls: 3, hours: 24, enforced: false, until: LATER },
        ],
      },
      LATER,
      'The number has been called as often as is allowed (day: 3 in 24 hours). It may go from 2026-11-26 14:00 UTC.',
    ],
    [
      'number_cooling_down',
      'number_cooldown',
      { cooldowns: [{ cooldown: 'post_completion', hours: 168 }] },
      null,
      'The number is cooling down (post_completion: 168 hours).',
    ],
    [
      'do_not_call',
      'do_not_call',
      { blocked: true, list: 'environment' },
      null,
      'The number is on a Do-Not-Call list (list: environment).',
    ],
    [
      'campaign_not_active',
      'campaign_active',
      { status: 'paused' },
      null,
      'Its campaign is not active (paused).',
    ],
    [
      'do_not_call_registry_out_of_date',
      'do_not_call',
      { blocked: false, registry: 'us-ftc', finding: 'snapshot 33 days old, at most 31' },
      null,
      'A Do-Not-Call registry that its campaign reads is out of date (us-ftc: snapshot 33 days old, at most 31).',
    ],
    ['retries_used', 'retry', { outcome: 'busy' }, null, 'Its retries are used up.'],
  ])('for %s tells the particulars that its evidence has', (reason, rule, inputs, nextAt, sentence) => {
    expect(whySentence(reason, decidedBy(rule, inputs), nextAt)).toBe(sentence);
  });

  it('does without evidence, and says nothing for what has no sentence', () => {
    expect(whySentence('not_due', null, LATER)).toBe(
      'Its time has not come. It may go from 2026-11-26 14:00 UTC.',
    );
    expect(whySentence('about_to_dial', null, NOW)).toBe('Nothing holds it: it is about to be dialled.');
    expect(whySentence('sip_403', null, null)).toBeNull();
    expect(whySentence('constructor', null, null)).toBeNull();
    expect(whySentence(null, null, null)).toBeNull();
  });
});
