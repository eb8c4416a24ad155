// A real OpenID provider in a process of its own, with people that a test makes up.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Page } from '@playwright/test';
import { freePort } from './port';

/** What the provider says about somebody, besides the subject. */
export interface Claims {
  name?: string;
  email?: string;
  email_verified?: boolean;
  groups?: string[];
}

/** Where it sends people back to. */
export interface Client {
  /** The address of Doorward. */
  url: string;
  /** Whether it tells Doorward by itself when somebody signs out there. */
  backchannel?: string;
}

export class Provider {
  readonly client = { id: 'doorward', secret: 'three quiet otters, and a key' };
  private child?: ChildProcess;
  /** What it wrote last. */
  private said = '';

  private constructor(
    readonly issuer: string,
    private readonly port: number,
    private people: Record<string, Claims>,
    private readonly back: Client,
  ) {}

  /** Starts one for the Doorward at an address, with people by their subjects. */
  static async start(back: Client, people: Record<string, Claims>): Promise<Provider> {
    const port = await freePort();
    // Another host name than Doorward's: for a browser that is another site, as in life.
    const provider = new Provider(`http://localhost:${port}`, port, people, back);
    await provider.begin();
    return provider;
  }

  /** Starts the process; after a stop at the same address, with other keys. */
  async begin(): Promise<void> {
    this.child = fork(join(__dirname, 'providers/oidc.mjs'), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: { PATH: process.env.PATH } });
    this.child.stderr!.on('data', (chunk: Buffer) => (this.said = (this.said + chunk.toString()).slice(-4000)));
    const { url, backchannel } = this.back;
    await this.tell({ people: this.people, port: this.port, client: this.client, redirects: [`${url}/oidc-callback`], leaves: [`${url}/login`], backchannel });
  }

  /** What it says about people from now on. */
  async says(people: Record<string, Claims>): Promise<void> {
    this.people = { ...this.people, ...people };
    await this.tell({ people: this.people });
  }

  /** Ends it; nobody answers at its address any more. */
  async stop(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  private async tell(message: object): Promise<void> {
    const child = this.child!;
    const answered = once(child, 'message');
    const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the provider ended with ${code}:\n${this.said}`)));
    // It ends some day; that is news only while there is something to wait for.
    ended.catch(() => undefined);
    child.send(message);
    await Promise.race([answered, ended]);
  }
}

/** On the provider's page: says who one is. */
export async function choose(page: Page, sub: string): Promise<void> {
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
  await page.getByRole('button', { name: sub, exact: true }).click();
}
