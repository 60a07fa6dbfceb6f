import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillPlaceholders } from './prompt.js';

describe('placeholders', () => {
  it('are filled by key and by path, whatever the spacing', () => {
    const payload = { name: 'Ana', order: { total: 12.5, items: ['tea'] }, open: false };
    expect(fillPlaceholders('Hi {{name}}, {{ order.total }} for {{order.items}}: {{open}}', payload)).toEqual(
      {
        text: 'Hi Ana, 12.5 for ["tea"]: false',
        missing: [],
      },
    );
  });

  it('become empty and are named once when the payload has no value', () => {
    expect(fillPlaceholders('{{a}}{{a}}{{b.c}}-', { b: null })).toEqual({ text: '-', missing: ['a', 'b.c'] });
  });

  it('read only what the payload itself holds', () => {
    for (const path of ['constructor.name', '__proto__', 'toString', 'name.length']) {
      expect(fillPlaceholders(`{{${path}}}`, { name: 'x' }).missing).toEqual([path]);
    }
  });

  it('leave a value that looks like a placeholder as it is', () => {
    expect(fillPlaceholders('{{a}}', { a: '{{b}}', b: 'secret' }).text).toBe('{{b}}');
  });

  it('leave text without placeholders untouched', () => {
    const plain = fc.string().filter((text) => !text.includes('{{'));
    fc.assert(fc.property(plain, (text) => fillPlaceholders(text, {}).text === text));
  });
});
