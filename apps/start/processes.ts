import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isSameProcess, processMark } from './process-mark.js';

/** A program to start. */
export interface Program {
  /** What people call it. */
  name: string;
  command: string;
  args: string[];
  /** The folder it runs in. Absent: that of this process. */
  folder?: string;
  /** Its whole environment. Absent: that of this process. */
  variables?: NodeJS.ProcessEnv;
  /** Whom it runs as. Absent: whoever runs this process. */
  user?: { uid: number; gid: number } | undefined;
  /** Written to its standard input, which is then closed. */
  input?: string;
  /** Takes what it writes to stderr, and to stdout unless that is captured. */
  logFile: string;
  /** Asks it to end. Default SIGTERM. */
  stopSignal?: 'SIGTERM' | 'SIGINT';
  /** How long it may take to end before it is killed. Default 20. */
  stopTimeoutSeconds?: number;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Set where it could not be started at all. */
  error?: Error;
}

/** A started program. */
export interface Running {
  readonly name: string;
  readonly logFile: string;
  readonly exited: Promise<Exit>;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
}

/** A program that is needed all the time has ended by itself. */
export class EndedByItself extends Error {
  constructor(program: Running, exit: Exit) {
    super(`${program.name} ${howItEnded(exit)}. ${lastWords(program.logFile)}`);
    this.name = 'EndedByItself';
  }
}

interface Recorded {
  name: string;
  pid: number;
  mark: string;
  stopSignal: NodeJS.Signals;
  stopTimeoutSeconds: number;
}

interface Entry extends Recorded {
  child: ChildProcess;
  running: Running;
}

const LOG_LINES_SHOWN = 20;

/**
 * The programs that one launcher has started, and the one who ends them: in reverse order, and in a later run those
 * that an abruptly killed launcher left behind, by its record.
 */
export class Processes {
  private readonly entries: Entry[] = [];
  private closed = false;
  private readonly stopping = new Set<Running>();
  private onUnexpectedEnd: (error: EndedByItself) => void = () => undefined;
  /** Rejects when a required program ends unasked. Never resolves. */
  readonly unexpectedEnd = new Promise<never>((_resolve, reject) => (this.onUnexpectedEnd = reject));

  /** @param recordFile where the started programs are written down while they run */
  constructor(private readonly recordFile: string) {
    // Whoever waits for it hears of it; nobody has to.
    this.unexpectedEnd.catch(() => undefined);
  }

  /** Ends what an earlier launcher with this record left running. Programs that only share an id are left alone. */
  static async stopLeftBehind(recordFile: string): Promise<string[]> {
    const left = readRecord(recordFile).filter(({ pid, mark }) => isSameProcess(pid, mark));
    left.reverse();
    for (const { pid, mark, stopSignal, stopTimeoutSeconds } of left) {
      process.kill(pid, stopSignal);
      const deadline = Date.now() + stopTimeoutSeconds * 1000;
      while (isSameProcess(pid, mark)) {
        if (Date.now() > deadline) process.kill(pid, 'SIGKILL');
        await pause(50);
      }
    }
    rmSync(recordFile, { force: true });
    return left.map(({ name }) => name);
  }

  /** Starts a program that runs until it is stopped. */
  start(program: Program): Running {
    return this.spawn(program, false).running;
  }

  /** From now on this program is needed all the time: its end, unless it was asked for, is unexpected. */
  require(running: Running): void {
    void running.exited.then((exit) => {
      if (!this.closed && !this.stopping.has(running)) this.onUnexpectedEnd(new EndedByItself(running, exit));
    });
  }

  /** Runs a program to its end, and returns what it wrote to stdout. Throws unless it ends with 0. */
  async run(program: Program): Promise<string> {
    const { child, running } = this.spawn(program, true);
    let written = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (written += chunk));
    const exit = await running.exited;
    if (exit.code !== 0) throw new EndedByItself(running, exit);
    return written;
  }

  /** Ends everything, the latest first; nothing can be started any more. */
  async stopAll(): Promise<void> {
    this.closed = true;
    for (const { running } of this.entries.toReversed()) await running.stop();
    rmSync(this.recordFile, { force: true });
  }

  /** Ends everything at once. */
  killAll(): void {
    this.closed = true;
    for (const { child } of this.entries) child.kill('SIGKILL');
  }

  private spawn(program: Program, isCaptured: boolean): Entry {
    if (this.closed) throw new Error(`${program.name} is not started any more: everything is being stopped.`);
    mkdirSync(dirname(program.logFile), { recursive: true });
    const log = openSync(program.logFile, 'w', 0o600);
    const child = spawn(program.command, program.args, {
      // A group of its own, out of reach of the terminal's Ctrl-C: the order of stopping is ours.
      detached: true,
      cwd: program.folder,
      env: program.variables ?? process.env,
      stdio: [program.input === undefined ? 'ignore' : 'pipe', isCaptured ? 'pipe' : log, log],
      ...program.user,
    });
    closeSync(log);
    // A program that ended before it read its input says so by its exit.
    child.stdin?.on('error', () => undefined).end(program.input);

    const { name, logFile, stopSignal = 'SIGTERM', stopTimeoutSeconds = 20 } = program;
    const exited = new Promise<Exit>((resolve) => {
      child.once('error', (error) => resolve({ code: null, signal: null, error }));
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    const running: Running = { name, logFile, exited, stop: () => this.stop(entry) };
    const pid = child.pid ?? 0;
    const entry: Entry = {
      ...{ name, pid, mark: processMark(pid) ?? '', stopSignal, stopTimeoutSeconds },
      ...{ child, running },
    };
    this.entries.push(entry);
    this.record();
    void exited.then(() => {
      this.entries.splice(this.entries.indexOf(entry), 1);
      if (!this.closed) this.record();
    });
    return entry;
  }

  private async stop({ child, running, stopSignal, stopTimeoutSeconds }: Entry): Promise<void> {
    this.stopping.add(running);
    child.kill(stopSignal);
    const patience = setTimeout(() => child.kill('SIGKILL'), stopTimeoutSeconds * 1000);
    await running.exited;
    clearTimeout(patience);
  }

  private record(): void {
    const lines: Recorded[] = this.entries.map(({ name, pid, mark, stopSignal, stopTimeoutSeconds }) => ({
      ...{ name, pid, mark, stopSignal, stopTimeoutSeconds },
    }));
    mkdirSync(dirname(this.recordFile), { recursive: true });
    writeFileSync(`${this.recordFile}.new`, JSON.stringify(lines, null, 2));
    renameSync(`${this.recordFile}.new`, this.recordFile);
  }
}

/** The end of a log, as a block of text that names the file. */
export function lastWords(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN);
  if (lines.join('') === '') return `It wrote nothing to ${logFile}.`;
  return `The end of ${logFile}:\n${lines.map((line) => `    ${line}`).join('\n')}`;
}

function howItEnded({ code, signal, error }: Exit): string {
  if (error !== undefined) return `cannot be started (${error.message})`;
  return signal === null ? `ended with status ${code}` : `was ended by ${signal}`;
}

function readRecord(recordFile: string): Recorded[] {
  try {
    return JSON.parse(readFileSync(recordFile, 'utf8')) as Recorded[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
