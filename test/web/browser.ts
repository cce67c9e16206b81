import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

/** Why the browser tests are left out, or false. In CI a missing browser is a failure, not a reason. */
export const skipWithoutBrowser: string | false =
  existsSync(executablePath) || process.env.CI !== undefined
    ? false
    : `${executablePath} is missing; install it with: apt-get install chromium`;

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Watched {
  readonly page: Page;
  /** Everything the page had to complain of: console errors, warnings, CSP violations, exceptions, dialogs. */
  readonly complaints: string[];
}

/** One browser for the tests of a file, closed after them. */
export function createBrowser() {
  const browser = chromium.launch({ executablePath, args: flags });
  // a failed launch is told by the first test that opens a page
  browser.catch(() => undefined);
  return {
    async open(t: TestContext, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
      const context = await (await browser).newContext(options);
      t.after(() => context.close());
      context.setDefaultTimeout(10_000);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('dialog', (dialog) => {
        complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      await page.goto(url);
      return { page, complaints };
    },
    close: async (): Promise<void> => (await browser).close(),
  };
}
