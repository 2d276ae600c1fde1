import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { ROOT } from './tcpwb.ts';

/** Debian's Chromium, without a head. As root, as in CI, its sandbox cannot be had. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.TCPWB_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** A page of the window that fails the test on any error of its own. */
export async function openWindow(browser: Browser, url: string): Promise<{ readonly page: Page; readonly faults: readonly string[] }> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', colorScheme: 'dark' });
  page.setDefaultTimeout(8_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`${error.message}\n${error.stack}`));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  await page.goto(url);
  await controls(page).getByRole('button', { name: 'Start' }).waitFor();
  return { page, faults };
}

const controls = (page: Page): Locator => page.getByRole('form', { name: 'Capture' });

export async function startCapture(page: Page, on: string, filter: string): Promise<void> {
  await page.getByRole('button', { name: 'Choose the interface' }).click();
  await page
    .getByRole('list', { name: 'Interfaces' })
    .getByRole('button', { name: new RegExp(`^${on}\\b`) })
    .click();
  await page.getByLabel('Capture filter').fill(filter);
  await controls(page).getByRole('button', { name: 'Start' }).click();
  await captureIs(page, filter, 'running').waitFor();
}

export async function stopCapture(page: Page, filter: string): Promise<void> {
  await controls(page).getByRole('button', { name: 'Stop' }).click();
  await captureIs(page, filter, 'ended').waitFor();
}

/** The tab of a capture through this filter, once its status is that; the last one where there are several. */
export const captureIs = (page: Page, filter: string, status: string): Locator =>
  page.getByRole('tab', { name: `${filter} ${status}` }).last();

export interface ShownChange {
  readonly state: string;
  readonly packet: number;
}

/** What the list of state changes says of one end of the selected connection. */
export const changesOf = (page: Page, end: 'client' | 'server'): Promise<readonly ShownChange[]> =>
  page
    .locator(`ol[aria-label="State changes"] li[data-end="${end}"]`)
    .evaluateAll((items) =>
      items.map((item) => ({ state: item.getAttribute('data-state') ?? '', packet: Number(item.getAttribute('data-packet')) })),
    );

/** Keeps a picture of the page, or of a part; with UPDATE_PICTURES=1 it becomes the one the README shows. */
export async function picture(page: Page, name: string, part?: Locator): Promise<void> {
  const folder = join(ROOT, 'test-results');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.png`);
  await (part ?? page).screenshot({ path });
  if (process.env.UPDATE_PICTURES !== '1') return;
  mkdirSync(join(ROOT, 'docs', 'pictures'), { recursive: true });
  copyFileSync(path, join(ROOT, 'docs', 'pictures', `${name}.png`));
}
