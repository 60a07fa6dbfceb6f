import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { hashPassword } from '#environment/password-hash.js';
import { AdminLoginsStore } from '#store/admin-logins.store.js';
import { run } from './run.js';

export function addAdminCommands(program: Command): void {
  const admin = program.command('admin').description('the login of the admin port');

  admin
    .command('hash-password')
    .description('print a hash for ADMIN_PASSWORD of the password on standard input')
    .option('--json', 'print one JSON object on standard output')
    .action(async ({ json = false }: { json?: boolean }) => {
      const password = (await text(process.stdin)).replace(/\r?\n$/, '');
      if (password === '') return void fail('Give the password on standard input.');
      const hash = await hashPassword(password);
      process.stdout.write(`${json ? JSON.stringify({ hash }) : hash}\n`);
    });

  admin
    .command('unlock')
    .description('forget failed tries at the login: whoever was locked out may try again')
    .option('--json', 'print one JSON object on standard output')
    .action(() =>
      run(async (database) => {
        const forgotten = await new AdminLoginsStore(database).unlock();
        return { data: { forgotten }, line: `Tries by ${forgotten} names and addresses are forgotten.` };
      }),
    );
}

function fail(line: string): void {
  process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}
