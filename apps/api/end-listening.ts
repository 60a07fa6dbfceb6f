import { once } from 'node:events';
import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A turn of the event loop as short has left nobody waiting in front of the door. */
const SHORT_TURN_MS = 1;
const MOST_TURNS = 200;

/** What is sent over a connection that is kept comes within this, or its client may well look whether it still stands. */
const KEPT_CONNECTIONS_MS = 1_000;

/** An upload of half an hour is not waited for, nor a connection that never sent anything: whoever stops us kills us then. */
const MOST_MS = 25_000;

/**
 * Ends a server without resetting anybody. Each answer must end its connection from some moment before on. Resolves when all
 * that has come is answered, or has taken too long.
 */
export async function endListening(server: Server, mostMs = MOST_MS): Promise<void> {
  const ended = once(server, 'close');
  await shortTurn();
  // Of the listener alone: HTTP's own close ends the connections that rest at once, and what is on its way over one of them with it.
  NetServer.prototype.close.call(server);
  const late = pause(KEPT_CONNECTIONS_MS, undefined, { ref: false });
  await Promise.race([ended, late]);
  server.closeIdleConnections();
  await Promise.race([ended, pause(mostMs, undefined, { ref: false })]);
  server.closeAllConnections();
  await ended;
}

/**
 * Whoever connects is let in at the beginning of a turn of the event loop. A listener that is closed at the end of a long one
 * resets all that came meanwhile: not refused, and not to be sent elsewhere by whoever sent it.
 */
async function shortTurn(): Promise<void> {
  for (let turns = 0; turns < MOST_TURNS; turns += 1) {
    const begunAt = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    if (performance.now() - begunAt < SHORT_TURN_MS) return;
  }
}
