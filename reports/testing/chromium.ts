import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';

/** Support for tests: a real browser that opens pages from disk. */

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
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

export const launch = async (program: string): Promise<Browser> => {
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath: program, args: FLAGS });
};

export interface View {
  readonly width: number;
  readonly dark?: boolean;
  /** The page's own scripts; ours run in either case. */
  readonly scripts?: boolean;
}

/** What a page did that it should not have: what it asked for beside itself, and what its console said. */
export interface Opened {
  readonly page: Page;
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
}

interface Window {
  readonly page: Page;
  /** What the page that is shown did. */
  did: { readonly requests: string[]; readonly complaints: string[] };
}

/** Windows that show files from disk, one after another: a window of its own for each costs more than most of them. */
export class Windows {
  readonly #browser: Browser;
  /** By whether pages run their own scripts, which is a window's for life. */
  readonly #windows = new Map<boolean, Window>();

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Whatever was done to the page before, this one is loaded anew. */
  async show(file: string, { width, dark = false, scripts = true }: View): Promise<Opened> {
    const window = this.#windows.get(scripts) ?? (await this.#open(scripts));
    const { page } = window;
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ media: null, colorScheme: dark ? 'dark' : 'light' });
    window.did = { requests: [], complaints: [] };
    await page.goto(pathToFileURL(file).href);
    return { page, ...window.did };
  }

  async #open(scripts: boolean): Promise<Window> {
    const context = await this.#browser.newContext({
      javaScriptEnabled: scripts,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    const window: Window = { page, did: { requests: [], complaints: [] } };
    page.on('request', (request) => window.did.requests.push(request.url()));
    page.on('console', (message) => window.did.complaints.push(message.text()));
    page.on('pageerror', (error) => window.did.complaints.push(error.message));
    this.#windows.set(scripts, window);
    return window;
  }

  async close(): Promise<void> {
    for (const { page } of this.#windows.values()) await page.context().close();
    this.#windows.clear();
  }
}

/** Opens a file from disk in a window of its own. */
export const openFile = async (
  browser: Browser,
  file: string,
  view: View,
): Promise<Opened & { close(): Promise<void> }> => {
  const windows = new Windows(browser);
  return { ...(await windows.show(file, view)), close: () => windows.close() };
};
