import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queue } from 'bullmq';
import type { FastifyRequest } from 'fastify';
import type { AdminPage } from './gate.js';

const PATH = '/queues';

/** Longest part of an address that is written down: ids of tickets are shorter. */
const MOST_WRITTEN = 200;

/** What may be told of an error, once it is in the log where it belongs there. */
export type AnswerToError = (error: unknown) => { status: number; message: string };

/**
 * Bull Board. Whatever is pressed there moves tickets, and a ticket has no authority: the rows decide.
 * @param queues those of each shard
 */
export function board(queues: Queue[][], isWritable: boolean, answerTo: AnswerToError): AdminPage {
  const adapter = new FastifyAdapter();
  adapter.setBasePath(PATH);
  createBullBoard({
    queues: queues.flatMap((ofShard, shard) =>
      ofShard.map(
        (queue) => new BullMQAdapter(queue, { readOnlyMode: !isWritable, ...placeOf(shard, queues) }),
      ),
    ),
    serverAdapter: adapter,
    options: {
      uiConfig: {
        boardTitle: 'Ringfence',
        miscLinks: [{ text: 'Log out', url: '/logout' }],
        hideDocsLink: true,
      },
    },
  });
  // After the board is made, which sets a handler that tells whoever asks the error's own words, and the log nothing.
  adapter.setErrorHandler((error) => {
    const { status, message } = answerTo(error);
    // Its program shows a message under a title alone; its types know fewer statuses than HTTP.
    return { status: status as 500, body: { error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' }, message } };
  });
  const page = { path: PATH, routes: adapter.registerPlugin() };
  return isWritable ? { ...page, changes: whatIsPressed } : page;
}

/** Bull Board knows queues by their names, which are the same in every shard. */
function placeOf(shard: number, { length }: Queue[][]): { prefix?: string; delimiter?: string } {
  return length === 1 ? {} : { prefix: `shard-${shard}.`, delimiter: '.' };
}

/** The button and what it was pressed for; not the data that may come with it. */
function whatIsPressed({ method, routeOptions, params }: FastifyRequest): Record<string, unknown> {
  const pressed = Object.entries(params as Record<string, string>);
  return {
    route: `${method} ${routeOptions.url ?? ''}`,
    ...Object.fromEntries(pressed.map(([name, value]) => [name, value.slice(0, MOST_WRITTEN)])),
  };
}
