// Programs that people put behind the door, as they are on PyPI (requirements.txt) or come with Python:
// each one real, on a port of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './port';

const PYTHON = resolve(process.env.PYTHON ?? join(__dirname, '../target/tools/python/bin/python'));

export class Upstream {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  /** A dashboard of tasks, with one that failed. */
  static async taskflow(): Promise<Upstream> {
    const upstream = await Upstream.start(() => [join(__dirname, 'upstreams/taskflow.py')], '/tasks/metrics');
    await fetch(`${upstream.url}/orders/import`, { method: 'POST' });
    return upstream;
  }

  /** Celery's dashboard, of a queue that is in its own memory, with an interface that asks nobody to sign in. */
  static flower(): Promise<Upstream> {
    const words = (port: number) => ['-m', 'celery', '--broker=memory://', 'flower', '--address=127.0.0.1', `--port=${port}`, '--inspect-timeout=200'];
    return Upstream.start(words, '/healthcheck', { FLOWER_UNAUTHENTICATED_API: 'true' });
  }

  /** Files of a folder, by the server that comes with Python. */
  static files(files: Record<string, string>): Promise<Upstream> {
    return Upstream.start((port) => ['-m', 'http.server', '--bind', '127.0.0.1', `${port}`], '/', {}, files);
  }

  /** Starts Python, and waits until it answers at a path. */
  private static async start(
    words: (port: number) => string[],
    path: string,
    env: Record<string, string> = {},
    files: Record<string, string> = {},
  ): Promise<Upstream> {
    const folder = mkdtempSync(join(tmpdir(), 'doorward-upstream-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = spawn(PYTHON, words(port), {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: '/usr/bin:/bin', HOME: folder, PORT: `${port}`, ...env },
    });
    let said = '';
    let end: Error | undefined;
    child.stderr!.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    child.once('error', (error) => (end = new Error(`${PYTHON} can not be started: ${error.message}`)));
    child.once('exit', (code) => (end ??= new Error(`${words(port).join(' ')} ended with ${code}:\n${said}`)));
    const upstream = new Upstream(url, child, folder);
    for (const begun = Date.now(); Date.now() - begun < 45_000; ) {
      if (end) break;
      const answer = await fetch(url + path, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
      if (answer?.ok) return upstream;
      await new Promise((later) => setTimeout(later, 100));
    }
    upstream.stop();
    throw end ?? new Error(`${url}${path} did not answer within 45 seconds:\n${said}`);
  }

  /** Ends it, and removes its folder. */
  stop(): void {
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
