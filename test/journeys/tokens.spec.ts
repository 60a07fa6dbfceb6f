import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { House, type Answer } from '../running-house.js';

let house: House;
let client: Client;

beforeAll(async () => {
  house = await House.open({ dialers: 0 });
  client = new Client({ connectionString: house.databaseUrl });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await house.close();
});

type Made = { id: string; token: string };

async function make(body: Record<string, unknown> = {}): Promise<Made> {
  return (await house.must('POST', '/tokens', body)).data as Made;
}

function codeOf({ status, body }: Answer): [number, string] {
  return [status, body.code];
}

/** Ends a token's time, as waiting would. */
async function travelToEnd(id: string): Promise<void> {
  await client.query(`UPDATE tokens SET expires_at = clock_timestamp() WHERE id = $1`, [id]);
}

describe('a token made over the API', () => {
  it('is shown once, kept as a hash, and listed without its text', async () => {
    const { id, token } = await make({ name: 'crm', scopes: ['calls'] });
    expect((await house.as(token)('GET', '/calls')).status).toBe(200);
    const { data } = await house.must('GET', '/tokens');
    const listed = data.find((shown: Made) => shown.id === id);
    expect(listed).toMatchObject({ name: 'crm', scopes: ['calls'], last_four: token.slice(-4) });
    expect(Date.parse(listed.last_used_at)).toBeGreaterThan(0);
    expect(JSON.stringify(data)).not.toContain(token);
    const { rows } = await client.query(`SELECT * FROM tokens WHERE id = $1`, [id]);
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('expires by the database clock, with a code of its own', async () => {
    const { id, token } = await make({ expires_at: new Date(Date.now() + 60_000).toISOString() });
    const ask = house.as(token);
    expect((await ask('GET', '/calls')).status).toBe(200);
    await travelToEnd(id);
    expect(codeOf(await ask('GET', '/calls'))).toEqual([401, 'TOKEN_EXPIRED']);
  });

  it('ends at once when it is revoked, in every answer after', async () => {
    const { id, token } = await make();
    await house.must('DELETE', `/tokens/${id}`);
    expect(codeOf(await house.as(token)('GET', '/calls'))).toEqual([401, 'INVALID_TOKEN']);
    await house.must('DELETE', `/tokens/${id}`);
    expect(codeOf(await house.api('POST', `/tokens/${id}/rotate`, {}))).toEqual([409, 'TOKEN_NOT_IN_USE']);
  });
});

describe('rotating a token', () => {
  it('leaves both valid for the overlap; then the old one ends by itself', async () => {
    const old = await make({ scopes: ['calls', 'agents'] });
    const made = (await house.must('POST', `/tokens/${old.id}/rotate`, { overlap_seconds: 600 })).data;
    expect(made).toMatchObject({ scopes: ['calls', 'agents'], expires_at: null });
    for (const token of [old.token, made.token as string]) {
      expect((await house.as(token)('GET', '/calls')).status).toBe(200);
    }
    const { rows } = await client.query<{ seconds: number }>(
      `SELECT extract(epoch FROM expires_at - clock_timestamp())::integer AS seconds FROM tokens WHERE id = $1`,
      [old.id],
    );
    expect(rows[0]?.seconds).toBeGreaterThan(590);
    expect(rows[0]?.seconds).toBeLessThanOrEqual(600);
    await travelToEnd(old.id);
    expect(codeOf(await house.as(old.token)('GET', '/calls'))).toEqual([401, 'TOKEN_EXPIRED']);
    expect((await house.as(made.token)('GET', '/calls')).status).toBe(200);
  });

  it('raced, makes one successor', async () => {
    const { id } = await make();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => house.api('POST', `/tokens/${id}/rotate`, {})),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(409)]);
  });

  it('works from the command line, for tokens too that are lost', async () => {
    const { id } = await house.cli(['token', 'create', '--environment', house.environmentId]);
    const made = await house.cli(['token', 'rotate', id as string, '--overlap', '0h']);
    expect((await house.as(made.token as string)('GET', '/calls')).status).toBe(200);
    const { tokens } = await house.cli(['token', 'list', '--environment', house.environmentId]);
    const old = (tokens as { id: string; replacedBy: string }[]).find((token) => token.id === id);
    expect(old?.replacedBy).toBe(made.id);
    expect(JSON.stringify(tokens)).not.toContain('hash');
  });
});

describe('a token with fewer rights', () => {
  it('makes none with more of them, by no way', async () => {
    const weak = await make({ scopes: ['tokens', 'calls'] });
    const strong = await make();
    const ask = house.as(weak.token);
    expect(codeOf(await ask('POST', '/tokens', { scopes: ['agents'] }))).toEqual([403, 'FORBIDDEN']);
    expect(codeOf(await ask('POST', `/tokens/${strong.id}/rotate`, {}))).toEqual([403, 'FORBIDDEN']);
    expect((await ask('POST', '/tokens', {})).body.data.scopes).toEqual(['tokens', 'calls']);
  });

  it('makes none that outlives it', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const brief = await make({ expires_at: inAnHour });
    const ask = house.as(brief.token);
    const beyond = new Date(Date.now() + 7_200_000).toISOString();
    expect(codeOf(await ask('POST', '/tokens', { expires_at: beyond }))).toEqual([403, 'FORBIDDEN']);
    expect((await ask('POST', '/tokens', {})).body.data.expires_at).toBe(inAnHour);
    const lasting = await make();
    expect(codeOf(await ask('POST', `/tokens/${lasting.id}/rotate`, {}))).toEqual([403, 'FORBIDDEN']);
  });

  it('manages no tokens without the scope for it, and nobody manages another environment’s', async () => {
    const { id } = await make();
    const ask = house.as((await make({ scopes: ['calls'] })).token);
    expect(codeOf(await ask('GET', '/tokens'))).toEqual([403, 'FORBIDDEN']);
    const neighbour = await house.neighbour();
    expect(codeOf(await neighbour('POST', `/tokens/${id}/rotate`, {}))).toEqual([404, 'TOKEN_NOT_FOUND']);
    expect(codeOf(await neighbour('DELETE', `/tokens/${id}`))).toEqual([404, 'TOKEN_NOT_FOUND']);
    expect((await neighbour('GET', '/tokens')).body.pagination.total).toBe(1);
  });

  it.each([
    [{ scopes: ['all'] }, 'scopes'],
    [{ scopes: [] }, 'scopes'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
  ])('made of %j is a 422', async (body, field) => {
    const { status, body: answer } = await house.api('POST', '/tokens', body);
    expect([status, Object.keys(answer.errors)]).toEqual([422, [field]]);
  });
});

describe('guessing tokens', () => {
  it('ends in 429 after thirty tries, whatever X-Forwarded-For says, while good ones go on', async () => {
    const guess = (turn: number) =>
      house.api('GET', '/calls', undefined, {
        authorization: 'Bearer talq_guess',
        'x-forwarded-for': `198.51.100.${turn}`,
      });
    expect((await house.api('GET', '/calls')).status).toBe(200);
    const statuses: number[] = [];
    for (let turn = 0; turn < 33; turn += 1) statuses.push((await guess(turn)).status);
    // Other tests of this file have tried a wrong one or two before.
    expect(statuses.slice(0, 25)).toEqual(Array<number>(25).fill(401));
    const refused = await guess(34);
    expect(codeOf(refused)).toEqual([429, 'RATE_LIMIT_EXCEEDED']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await house.api('GET', '/calls')).status).toBe(200);
  });
});
