import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch, openWindow, picture } from '../support/browser.ts';
import { ROOT, served } from '../support/tcpwb.ts';

let door: Awaited<ReturnType<typeof served>>;
let browser: Browser;

beforeAll(async () => {
  [door, browser] = await Promise.all([served(), launch()]);
});
afterAll(async () => {
  await browser.close();
  await door.close();
});

test('the queues of a capture: what its listeners show, as it was at the cursor, and the packet that shows since when', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: /^Open/ }).first().click()]);
  await chooser.setFiles(join(ROOT, '..', 'shared', 'captures', 'zeek-http-206_example_b.pcap'));
  await page.getByRole('tab', { name: 'Queues' }).click();

  const listener = page.locator('section.listener[data-state]').first();
  await listener.waitFor();
  expect([await listener.getAttribute('aria-label'), await listener.getAttribute('data-state')]).toEqual(['Listener on port 80', 'LISTEN']);
  const accept = listener.getByRole('meter', { name: 'Accept queue' });
  await accept.waitFor();
  await listener.getByRole('button', { name: /at the latest since/ }).click();
  await page.locator('[data-packet][aria-selected="true"]').waitFor();
  // At the SYN,ACK the connection is half-open.
  await page.waitForTimeout(400);
  expect(await listener.getByRole('meter', { name: 'SYN queue' }).getAttribute('aria-valuenow')).toBe('1');
  await picture(page, 'listeners-dark');
  expect(faults).toEqual([]);
  await page.close();
});
