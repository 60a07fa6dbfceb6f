import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../apps/start/free-port.js';

/** Whether Prometheus itself is on the PATH. */
export const isPrometheusHere = spawnSync('prometheus', ['--version']).status === 0;

export const ALERTS = 'deploy/monitoring/alerts.yml';

/** What the alert rules ask; each is written on one line. */
export function alertExpressions(): string[] {
  return [...readFileSync(ALERTS, 'utf8').matchAll(/^ +expr: (.+)$/gm)].map(([, expression]) => expression!);
}

/** What the panels of the dashboard ask. */
export function panelExpressions(): string[] {
  const { panels } = JSON.parse(readFileSync('deploy/monitoring/dashboard.json', 'utf8')) as {
    panels: { targets?: { expr: string }[] }[];
  };
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

/** A Prometheus of its own that scrapes each second, with the alert rules. */
export class Prometheus {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly address: string,
  ) {}

  static async start(ports: number[], token: string): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
    const address = `127.0.0.1:${await freePort()}`;
    const targets = ports.map((port) => `127.0.0.1:${port}`);
    writeFileSync(
      join(folder, 'prometheus.yml'),
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
        rule_files: [resolve(ALERTS)],
        scrape_configs: [
          { job_name: 'ringfence', authorization: { credentials: token }, static_configs: [{ targets }] },
        ],
      }),
    );
    const words = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
    ];
    return new Prometheus(spawn('prometheus', words, { stdio: 'ignore' }), folder, address);
  }

  /** What an expression comes to now; null: it does not answer yet. */
  async ask(expression: string): Promise<{ status: string; data: { result: unknown[] } } | null> {
    return this.get(`query?${new URLSearchParams({ query: expression }).toString()}`);
  }

  /** How each alert is. */
  async rules(): Promise<{ name: string; state: string; health: string; lastError?: string }[]> {
    const answer = await this.get<{ data: { groups: { rules: [] }[] } }>('rules');
    return answer?.data.groups.flatMap(({ rules }) => rules) ?? [];
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async get<Answer>(path: string): Promise<Answer | null> {
    const asked = fetch(`http://${this.address}/api/v1/${path}`);
    return asked.then(
      async (answer) => (answer.status === 503 ? null : ((await answer.json()) as Answer)),
      () => null,
    );
  }
}
