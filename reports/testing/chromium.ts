import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { pathToFileURL } from 'node:url';

/**
 * Support for tests: a real browser, driven through the pipe of its own protocol (CDP: JSON objects that end
 * in NUL, to the browser on fd 3, from it on fd 4), so that no package is needed.
 */

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ANSWER_WITHIN_MS = 20_000;

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--hide-scrollbars',
  '--remote-debugging-pipe',
];

/** The browser on PATH, if there is one. */
export const findChromium = (path = process.env.PATH ?? ''): string | undefined =>
  path
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export interface View {
  readonly width: number;
  readonly dark?: boolean;
  /** The page's own scripts; ours (`evaluate`) run in either case. */
  readonly scripts?: boolean;
}

export class Chromium {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  readonly #events: Reply[] = [];
  readonly #pipe: Duplex;
  #lastId = 0;
  #session: string | undefined;
  #onEvent: () => void = () => {};

  private constructor(child: ChildProcess, profile: string) {
    this.#child = child;
    this.#profile = profile;
    this.#pipe = child.stdio[3] as Duplex;
    this.#pipe.on('error', (error) => this.#fail(error));
    let pending = '';
    (child.stdio[4] as Duplex).setEncoding('utf8').on('data', (chunk: string) => {
      const messages = (pending + chunk).split('\0');
      pending = messages.pop() ?? '';
      for (const message of messages) this.#receive(JSON.parse(message) as Reply);
    });
    child.on('error', (error) => this.#fail(error));
    child.on('exit', (code) => this.#fail(new Error(`Chromium ended with ${code}`)));
  }

  /** Starts a browser with a profile of its own and one empty page. */
  static async launch(program: string): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), 'pollcost-chromium-'));
    const child = spawn(program, [...FLAGS, `--user-data-dir=${profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const browser = new Chromium(child, profile);
    try {
      const { targetId } = await browser.#send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await browser.#send('Target.attachToTarget', { targetId, flatten: true });
      browser.#session = sessionId as string;
      await browser.#send('Page.enable');
      await browser.#send('Network.enable');
    } catch (error) {
      await browser.close();
      throw error;
    }
    return browser;
  }

  /** Opens a file from disk and returns the URLs that the page asked for, its own among them. */
  async open(file: string, { width, dark = false, scripts = true }: View): Promise<string[]> {
    const phone = { width, height: 900, deviceScaleFactor: 1, mobile: width < 600 };
    await this.#send('Emulation.setDeviceMetricsOverride', phone);
    const scheme = { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' };
    await this.#send('Emulation.setEmulatedMedia', { features: [scheme] });
    await this.#send('Emulation.setScriptExecutionDisabled', { value: !scripts });
    this.#events.length = 0;
    await this.#send('Page.navigate', { url: pathToFileURL(file).href });
    await this.#seen('Page.loadEventFired');
    return this.#events
      .filter(({ method }) => method === 'Network.requestWillBeSent')
      .map(({ params }) => (params as { request: { url: string } }).request.url);
  }

  /** The value of a JavaScript expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', {
      expression,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value?: unknown }).value;
  }

  /** What the page shows between two heights, as PNG. */
  async screenshot(top: number, height: number): Promise<Buffer> {
    const width = Number(await this.evaluate('innerWidth'));
    const clip = { x: 0, y: top, width, height, scale: 1 };
    const { data } = await this.#send('Page.captureScreenshot', {
      format: 'png',
      captureBeyondViewport: true,
      clip,
    });
    return Buffer.from(data as string, 'base64');
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await ended;
    }
    // Helpers of the browser may still be writing their last files.
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  #send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    this.#lastId += 1;
    const id = this.#lastId;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    return new Promise<Reply>((resolve, reject) => {
      const late = () => reject(new Error(`Chromium did not answer ${method} within ${ANSWER_WITHIN_MS} ms`));
      const timer = setTimeout(late, ANSWER_WITHIN_MS);
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        act();
      };
      this.#waiting.set(id, {
        resolve: (reply) => settle(() => resolve(reply)),
        reject: (error) => settle(() => reject(error)),
      });
      this.#pipe.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    }).then(({ result, error }) => {
      if (error) throw new Error(`${method}: ${error.message}`);
      return result ?? {};
    });
  }

  #seen(method: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Chromium reported no ${method}`)), ANSWER_WITHIN_MS);
      this.#onEvent = () => {
        if (!this.#events.some((event) => event.method === method)) return;
        clearTimeout(timer);
        resolve();
      };
      this.#onEvent();
    });
  }

  #receive(reply: Reply): void {
    if (reply.id === undefined) {
      this.#events.push(reply);
      this.#onEvent();
      return;
    }
    this.#waiting.get(reply.id)?.resolve(reply);
    this.#waiting.delete(reply.id);
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
