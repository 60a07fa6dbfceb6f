// Runs commands of the built apps/cli, each as whole as `npm run cli --` would, but in one process and one after the other: what
// they load takes a second, and the pages have dozens of them. A request holds the folder and the words, a line each; the
// answer is 200 with what the command printed, or 500 with that and its complaint.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const [cli, socket] = process.argv.slice(2);

let commands = 0;
let turn = Promise.resolve();

createServer((request, response) => {
  turn = turn.then(async () => {
    const [folder, ...words] = (await text(request)).split('\0');
    const { status, printed } = await run(folder, words);
    response.writeHead(status === 0 ? 200 : 500).end(printed);
  });
}).listen(socket);

async function run(folder, words) {
  let printed = '';
  const write = (chunk) => (printed += chunk) !== '';
  const usual = { out: process.stdout.write, error: process.stderr.write, exit: process.exit };
  process.chdir(folder);
  process.argv.splice(2, Infinity, ...words);
  process.exitCode = 0;
  Object.assign(process.stdout, { write });
  Object.assign(process.stderr, { write });
  const ended = new Error('The command has ended.');
  process.exit = (status = process.exitCode) => {
    process.exitCode = status;
    throw ended;
  };
  try {
    commands += 1;
    // Under another address it is loaded, and so run, again; what it imports is not.
    await import(`${pathToFileURL(cli).href}?${commands}`);
  } catch (error) {
    if (error !== ended && !process.exitCode) throw error;
  } finally {
    Object.assign(process.stdout, { write: usual.out });
    Object.assign(process.stderr, { write: usual.error });
    process.exit = usual.exit;
  }
  return { status: process.exitCode, printed };
}
