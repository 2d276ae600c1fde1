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

test('the diagnosis of an opened capture: findings with their packets; a click goes to the packet', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  await page.getByRole('tab', { name: 'Diagnosis' }).click();
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: /^Open/ }).first().click()]);
  await chooser.setFiles(join(ROOT, '..', 'shared', 'captures', 'zeek-http-206_example_b.pcap'));

  const list = page.getByRole('list', { name: 'Diagnosis' });
  const silent = list.locator('[data-kind="peer-silent"]');
  await silent.waitFor();
  expect(await list.locator('[data-severity]').first().getAttribute('data-severity')).toBe('problem');
  expect(await silent.textContent()).toContain('To be sure:');
  await silent.getByRole('button', { name: '#1301' }).click();
  // The ladder brings the packet, wherever in the connection it is.
  await page.locator('[data-packet="1301"][aria-selected="true"]').waitFor();
  await page.waitForTimeout(400);
  await picture(page, 'diagnosis-dark');

  await page.getByRole('button', { name: /Whole capture/ }).click();
  await list.locator('[data-kind="close-wait"]').waitFor();
  expect(await list.locator('[data-severity="note"]').count()).toBe(0);
  await list.locator('[data-kind="close-wait"] .finding-head').click();
  await page.getByRole('button', { name: 'Connection 1' }).click();
  await list.locator('[data-kind="closed-first"]').waitFor();
  await page.emulateMedia({ colorScheme: 'light' });
  await page.waitForTimeout(400);
  await picture(page, 'diagnosis-light');
  expect(faults).toEqual([]);
  await page.close();
});
