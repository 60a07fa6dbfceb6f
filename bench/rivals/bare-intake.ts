import { randomUUID } from 'node:crypto';
import { fastify } from 'fastify';
import { Redis } from 'ioredis';
import pg from 'pg';

/**
 * The least that can be called taking a call in: one prepared INSERT, which the unique index on live calls may refuse, one
 * XADD, and an answer. Nobody is asked who they are, nothing is checked beyond the shape of the body, no rule is looked at.
 */
const { DATABASE_URL = '', REDIS_URL = '', PORT = '', STREAM = '', POOL_SIZE = '' } = process.env;

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(POOL_SIZE) });
// Commands of one turn go out together: faster than one by one.
const redis = new Redis(REDIS_URL, { enableAutoPipelining: true });

await pool.query(
  `CREATE TABLE bare_calls (id uuid PRIMARY KEY, campaign_id uuid NOT NULL, to_number text NOT NULL, payload jsonb NOT NULL,
     context jsonb NOT NULL, status text NOT NULL, created_at timestamptz NOT NULL DEFAULT now())`,
);
await pool.query(
  `CREATE UNIQUE INDEX ON bare_calls (campaign_id, to_number) WHERE status IN ('waiting', 'dialling')`,
);

interface Body {
  to: string;
  payload: object;
  context: object;
}

const server = fastify();
server.post<{ Body: Body; Params: { id: string } }>(
  '/campaigns/:id/call',
  {
    schema: {
      body: {
        type: 'object',
        required: ['to'],
        properties: {
          to: { type: 'string', pattern: '^\\+[1-9]\\d{6,14}$' },
          payload: { type: 'object' },
          context: { type: 'object' },
        },
      },
    },
  },
  async ({ body, params }, reply) => {
    const { rowCount, rows } = await pool.query<{ id: string }>({
      name: 'insert',
      text: `INSERT INTO bare_calls (id, campaign_id, to_number, payload, context, status) VALUES ($1, $2, $3, $4, $5, 'waiting')
             ON CONFLICT (campaign_id, to_number) WHERE status IN ('waiting', 'dialling') DO NOTHING RETURNING id`,
      values: [randomUUID(), params.id, body.to, body.payload, body.context],
    });
    if (rowCount !== 1) return reply.code(409).send({ error: 'duplicate' });
    const id = rows[0]!.id;
    await redis.xadd(STREAM, '*', 'c', id);
    return reply.code(201).send({ id, to: body.to, status: 'queued' });
  },
);
await server.listen({ port: Number(PORT), host: '127.0.0.1' });
process.stdout.write('ready\n');
