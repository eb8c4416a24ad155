// A site with the door below a prefix: the example `nested_prefix`, as it is.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const BINARY = resolve(process.env.DOORWARD_NESTED ?? join(__dirname, '../target/debug/examples/nested_prefix'));

/** Where the door of the example stands. */
export const PREFIX = '/tasks/auth';
/** Who may sign in there. */
export const NESTED = { username: 'admin', password: 'secret' };

export class Nested {
  url = '';
  /** What it printed. */
  said = '';
  private child?: ChildProcess;

  /** Starts it on a port that nobody has. */
  static async start(): Promise<Nested> {
    if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there: cargo xtask test e2e builds it`);
    const nested = new Nested();
    const child = spawn(BINARY, ['127.0.0.1:0'], { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: '/usr/bin:/bin' } });
    nested.child = child;
    nested.url = await new Promise((ready, failed) => {
      child.stderr!.on('data', (chunk: Buffer) => {
        // A line comes in as many pieces as it was written in.
        nested.said += chunk.toString();
        const place = /^The tasks are at (http:\/\/[^/\s]+)\//m.exec(nested.said);
        if (place) ready(place[1]);
      });
      child.once('error', failed);
      child.once('exit', (code) => failed(new Error(`the example ended with ${code}:\n${nested.said}`)));
    });
    return nested;
  }

  async stop(): Promise<void> {
    const child = this.child!;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
  }
}
