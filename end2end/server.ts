// A real server with a port and a folder of its own, and its REST interface for what a test needs
// before it opens a page.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const BINARY = resolve(process.env.DOORWARD_BIN ?? join(__dirname, '../target/release/doorward'));

/** Good enough for every account of the tests. */
export const PASSWORD = 'three-quiet-otters-sing';

export interface Person {
  username: string;
  displayName?: string;
  email?: string;
  role?: string;
  password?: string;
  mustChangePassword?: boolean;
}

/** Who sets the server up, where the test does not do it itself. */
export const ADMIN: Person & { displayName: string; email: string } = {
  username: 'mara',
  displayName: 'Mara Lindqvist',
  email: 'mara@example.com',
  role: 'admin',
};

export interface Answer<T = any> {
  status: number;
  headers: Headers;
  body: T;
}

export class Server {
  url = '';
  /** Of the admin's own session, which no browser sees. */
  token = '';
  /** What it wrote, for the report of a test that failed. */
  lines: string[] = [];
  private child?: ChildProcess;
  private readonly folder = mkdtempSync(join(tmpdir(), 'doorward-e2e-'));

  constructor(
    private readonly env: Record<string, string>,
    private readonly flags: string[],
    private readonly listen: string,
  ) {}

  /** Starts one, on a port that nobody has unless another is given. */
  static async start(env: Record<string, string> = {}, flags: string[] = [], listen = '127.0.0.1:0'): Promise<Server> {
    const server = new Server(env, flags, listen);
    await server.begin();
    return server;
  }

  /** Starts the process; after a stop at the same address. */
  async begin(): Promise<void> {
    const listen = this.url ? new URL(this.url).host : this.listen;
    const child = spawn(BINARY, ['serve', '--listen', listen, '--data', join(this.folder, 'data'), ...this.flags], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: '/usr/bin:/bin',
        HOME: this.folder,
        // Hashing costs next to nothing, so that a busy machine keeps up.
        DOORWARD_AUTH_ARGON2_MEMORY_KIB: '64',
        DOORWARD_AUTH_ARGON2_ITERATIONS: '1',
        ...this.env,
      },
    });
    this.child = child;
    this.url = await new Promise((ready, failed) => {
      let rest = '';
      const read = (chunk: Buffer) => {
        const lines = (rest + chunk.toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          this.lines.push(line);
          const said = /^Doorward is ready at (http:\/\/\S+)/.exec(line);
          if (said) ready(said[1]);
        }
      };
      child.stdout!.on('data', read);
      child.stderr!.on('data', (chunk: Buffer) => this.lines.push(chunk.toString().trimEnd()));
      child.once('error', failed);
      child.once('exit', (code) => failed(new Error(`the server ended with ${code}:\n${this.lines.slice(-20).join('\n')}`)));
    });
  }

  /** The code that it printed for a setup from another machine. */
  get setupCode(): string {
    const line = this.lines.filter((line) => line.startsWith('Setup code')).pop() ?? '';
    return line.split(': ').pop()!.trim();
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await ended;
  }

  /** Ends it as a power cut would. */
  kill9(): Promise<void> {
    return this.stop('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.begin();
  }

  /** Ends it and removes its folder. */
  async remove(): Promise<void> {
    await this.kill9();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async ask<T = any>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** Asks the API as the admin; an answer that is no success fails the test. */
  async api<T = any>(method: string, path: string, body?: unknown, token = this.token): Promise<T> {
    let answer = await this.ask<T>(method, `/api/v1${path}`, body, { authorization: `Bearer ${token}` });
    if (answer.status === 401 && token === this.token) {
      this.token = await this.login(ADMIN.username);
      answer = await this.ask<T>(method, `/api/v1${path}`, body, { authorization: `Bearer ${this.token}` });
    }
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Tries to sign in, without a browser. */
  tryLogin(username: string, password: string): Promise<Answer> {
    return this.ask('POST', '/api/v1/auth/login', { username, password });
  }

  /** The access token of a session without a browser. */
  async login(username: string, password = PASSWORD): Promise<string> {
    const answer = await this.tryLogin(username, password);
    if (answer.status !== 200) throw new Error(`login: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.token;
  }

  /** Makes the first account, by the API. */
  async claim(): Promise<void> {
    const { username, email, displayName } = ADMIN;
    const answer = await this.ask('POST', '/api/v1/setup', { username, email, password: PASSWORD });
    if (answer.status !== 201) throw new Error(`setup: ${answer.status} ${JSON.stringify(answer.body)}`);
    this.token = answer.body.token;
    await this.api('PATCH', '/auth/me', { displayName });
  }

  /** Adds somebody; gives the id. */
  async add(person: Person): Promise<string> {
    const user = await this.api('POST', '/users', { role: 'viewer', password: PASSWORD, ...person });
    return user.id;
  }

  /** Ends all sessions of somebody, as an admin does it from elsewhere. */
  async endSessionsOf(user: string): Promise<void> {
    const { items } = await this.api('GET', `/sessions?user=${user}`);
    for (const session of items) await this.api('DELETE', `/sessions/${session.id}`);
  }

  /** The id of somebody. */
  async idOf(username: string): Promise<string> {
    const { items } = await this.api('GET', `/users?query=${encodeURIComponent(username)}`);
    return items.find((user: { username: string }) => user.username === username).id;
  }

  /** Turns sign-in off, as an admin does it by the API. */
  async open(): Promise<void> {
    await this.api('POST', '/auth/confirm', { password: PASSWORD });
    await this.api('PATCH', '/settings/auth', { enabled: false });
  }
}
