import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Runs Prometheus' own checks; null where promtool is not on the PATH. */
export const promtool =
  spawnSync('promtool', ['--version']).status === 0
    ? async (words: string[], input = ''): Promise<{ status: number | null; output: string }> => {
        const child = spawn('promtool', words, { stdio: ['pipe', 'pipe', 'pipe'] });
        let output = '';
        for (const stream of [child.stdout, child.stderr]) {
          stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
        }
        child.stdin.end(input);
        await once(child, 'close');
        return { status: child.exitCode, output };
      }
    : null;
