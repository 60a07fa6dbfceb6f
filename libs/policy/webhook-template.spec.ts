import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillTemplate, templateFault } from './webhook-template.js';

const EVENT = {
  type: 'campaign_call.completed',
  call: { id: 'c-1', duration: 42, outcome: null, to: '+4930123456' },
  context: { note: 'says "no", \\ and\nleaves', tags: ['a'] },
};

describe('payload templates', () => {
  it.each([
    [
      { id: '{{call.id}}', seconds: '{{call.duration}}' },
      { id: 'c-1', seconds: 42 },
    ],
    [{ line: 'Call {{ call.id }} took {{call.duration}} s' }, { line: 'Call c-1 took 42 s' }],
    [
      { outcome: '{{call.outcome}}', none: '{{call.nothing}}', text: '<{{call.nothing}}>' },
      { outcome: null, none: null, text: '<>' },
    ],
    [{ deep: [{ context: '{{context}}' }, 7, true] }, { deep: [{ context: EVENT.context }, 7, true] }],
    [
      '{"id": "{{call.id}}", "seconds": {{call.duration}}, "note": "<{{context.note}}>", "all": {{context}}}',
      { id: 'c-1', seconds: 42, note: `<${EVENT.context.note}>`, all: EVENT.context },
    ],
    [
      { proto: '{{__proto__.toString}}', made: '{{constructor.name}}' },
      { proto: null, made: null },
    ],
  ])('%j is filled from the event', (template, expected) => {
    expect(templateFault(template)).toBeNull();
    expect(JSON.parse(fillTemplate(template, EVENT)!)).toEqual(expected);
  });

  it.each([
    ['a text', '{"all": [' + Array(1_100).fill('{{context}}').join(',') + ']}'],
    ['an object', { all: Array(1_100).fill('{{context}}') }],
    ['one text of it', { all: Array(1_100).fill('{{context}}').join(' ') }],
  ])(
    'grow to no more than an event may have, given as %s: then there is nothing to send of them',
    (_, template) => {
      const context = { note: 'x'.repeat(16_000) };
      expect(fillTemplate(template, { context })).toBeNull();
      expect(fillTemplate(template, { context: 'short' })).not.toBeNull();
    },
  );

  it('have no backslash that would take a character of what is filled in', () => {
    expect(templateFault('{"a": "\\{{context.x}}n"}')).not.toBeNull();
    expect(templateFault('{"a": "\\\\{{context.x}}n"}')).toBeNull();
  });

  it.each(['{{call.id}} was called', '{"id": {{call.id}', '"{{call.id}}"', '42', ''])(
    'the text %j is refused: it would not be a JSON body',
    (template) => {
      expect(templateFault(template)).not.toBeNull();
    },
  );

  it('given as text stay JSON, whatever the event holds', () => {
    const template = '{"a": "x{{v}}y", "b": {{v}}, "c": "{{v}}"}';
    fc.assert(
      fc.property(fc.jsonValue(), (v) => {
        const told = JSON.parse(fillTemplate(template, { v })!) as Record<string, unknown>;
        expect(Object.keys(told)).toEqual(['a', 'b', 'c']);
        expect(JSON.stringify(told['b'])).toBe(JSON.stringify(v));
        if (typeof v === 'string') expect(told).toMatchObject({ a: `x${v}y`, c: v });
      }),
    );
  });
});
