import { createServer } from 'node:http';

/**
 * A carrier that takes every call and says no more of it: what dialling costs without what calls cost. A process of its
 * own, so that its work is nobody's. `GET /heard` tells how many calls it was asked for, and for how many twice.
 */
const heard = new Map<string, number>();
let requests = 0;

const server = createServer((incoming, response) => {
  const answer = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (incoming.method !== 'POST') {
    if (incoming.url === '/heard') {
      const twice = [...heard.values()].filter((times) => times > 1).length;
      return answer(200, { requests, numbers: heard.size, twice });
    }
    return answer(200, {});
  }
  if (incoming.url === '/forget') {
    heard.clear();
    requests = 0;
    return answer(200, {});
  }
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const { to } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { to: string };
    requests += 1;
    heard.set(to, (heard.get(to) ?? 0) + 1);
    answer(201, { provider_call_id: `silent-${requests}` });
  });
});
server.listen(Number(process.env.PORT), '127.0.0.1');
