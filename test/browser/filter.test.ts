import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch, openWindow, picture } from '../support/browser.ts';
import { ROOT, served } from '../support/tcpwb.ts';

const HTTP = join(ROOT, '..', 'shared', 'captures', 'zeek-http-bro.org.pcap');

let door: Awaited<ReturnType<typeof served>>;
let browser: Browser;
beforeAll(async () => {
  [door, browser] = await Promise.all([served(), launch()]);
});
afterAll(async () => {
  await browser.close();
  await door.close();
});

let opened = 0;
/** Opens a capture under a name of its own, and waits until it is what the window shows. */
async function openSaved(page: Page, path: string): Promise<void> {
  const name = `saved-${++opened}.pcap`;
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open a saved capture' }).click();
  await (await chooser).setFiles({ name, mimeType: 'application/octet-stream', buffer: readFileSync(path) });
  await page.getByRole('tab', { name, selected: true }).waitFor();
}

const rows = (page: Page) => page.getByRole('grid', { name: 'Connections' }).locator('[data-connection]');

test('a display filter: completed as it is written, red where it is wrong, green where it is right, and the window shows what passes', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  await openSaved(page, HTTP);
  await page.getByRole('tab', { name: 'Connections' }).click();
  await expect.poll(() => rows(page).count()).toBe(13);

  await page.keyboard.press('Control+/');
  const field = page.getByRole('combobox', { name: 'Display filter' });
  await field.pressSequentially('tcp.flags.sy');
  await page.getByRole('option', { name: /^tcp\.flags\.syn/ }).waitFor();
  await field.press('Tab');
  await expect.poll(() => field.inputValue()).toBe('tcp.flags.syn ');
  await field.pressSequentially('= 1');
  await page.getByText('"=" has no meaning in a filter. Equality is written "=="').waitFor();
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  expect(await page.getByRole('button', { name: 'Apply' }).isDisabled()).toBe(true);
  await picture(page, 'filter-wrong');

  await field.fill('tcp.len > 1000 && tcp.payload contains "PNG" || tcp.flags.reset == 1');
  await expect.poll(() => field.getAttribute('class')).toContain('filter-good');
  await field.press('Enter');
  await page.getByText(/\d+ of 751 segments pass · connections: \d+/).waitFor();
  const passing = await rows(page).count();
  expect(passing).toBeGreaterThan(0);
  expect(passing).toBeLessThan(13);

  await rows(page).last().click();
  await page.getByText(/\d+ of \d+ segments pass the display filter/).waitFor();
  await picture(page, 'filter-applied');

  // The timeline has the same connections: its last lane is the last that passes, and its table has no other.
  const clients = await rows(page).locator('.cell-client').allTextContents();
  const last = await rows(page).last().getAttribute('data-connection');
  await page.getByRole('tab', { name: 'Timeline' }).click();
  await page.getByRole('img', { name: /^Timeline/ }).press('Home');
  await page.getByRole('img', { name: /^Timeline/ }).press('End');
  await page.getByRole('button', { name: 'Table' }).click();
  const lanes = page.getByRole('table', { name: 'Timeline as a table' });
  const named = await lanes.getByRole('button').allTextContents();
  expect(new Set(named).size).toBeGreaterThan(1);
  for (const name of named) expect(clients).toContain(name.split(' ')[0]);
  await page.getByRole('button', { name: 'Table' }).click();
  await page.getByRole('tab', { name: 'Connections' }).click();
  expect(await page.locator('[data-connection][aria-selected="true"]').getAttribute('data-connection')).toBe(last);

  // Where none passes, both say so, with the way back.
  await field.fill('tcp.port == 1');
  await field.press('Enter');
  await page.getByText('No connection passes the display filter').waitFor();
  await page.getByRole('tab', { name: 'Timeline' }).click();
  const nothing = page.getByRole('region', { name: 'Timeline' }).getByText('No connection passes the display filter');
  await nothing.waitFor();
  await page.getByRole('region', { name: 'Timeline' }).getByRole('button', { name: 'Show everything again' }).click();
  await nothing.waitFor({ state: 'detached' });
  await page.getByRole('tab', { name: 'Connections' }).click();
  await expect.poll(() => rows(page).count()).toBe(13);
  // What was used is offered again.
  await field.click();
  await page.getByRole('option', { name: /contains "PNG"/ }).click();
  await expect.poll(() => rows(page).count()).toBe(passing);
  await page.getByRole('form', { name: 'Display filter' }).getByRole('button', { name: 'Show everything again' }).click();
  expect(faults).toEqual([]);
  await page.close();
});

test('a connection is followed: both ends in order, as text and octets, and saved as it was said', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  await openSaved(page, HTTP);
  await page.getByRole('tab', { name: 'Connections' }).click();
  await page.locator('[data-connection="0"]').click();
  await page.getByRole('tab', { name: 'Follow' }).click();
  const said = page.getByRole('region', { name: 'What was said' });
  await said.getByText('GET / HTTP/1.1').waitFor();
  expect(await said.locator('[data-from]').first().getAttribute('data-from')).toBe('client');
  await picture(page, 'follow');
  await page.getByRole('button', { name: 'Hex' }).click();
  await said.getByText('00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a').waitFor();
  await page.getByRole('group', { name: 'Whose octets' }).getByRole('button', { name: 'Server' }).click();
  await expect.poll(() => said.locator('[data-from="client"]').count()).toBe(0);
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const octets = readFileSync(await (await saving).path());
  expect(octets.subarray(0, 15).toString()).toBe('HTTP/1.1 200 OK');
  expect(octets.length).toBeGreaterThan(PAGE_OF_TEXT);
  expect(faults).toEqual([]);
  await page.close();
});

test('the packet chosen is shown field by field and octet by octet, and a field becomes a filter', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  await openSaved(page, HTTP);
  await page.getByRole('tab', { name: 'Connections' }).click();
  await page.locator('[data-connection="0"]').click();
  await page.locator('[data-packet="4"]').click();
  await page.getByRole('tab', { name: 'Packet', exact: true }).click();
  const fields = page.getByRole('region', { name: 'Fields' });
  await fields.getByRole('row', { name: 'tcp.dstport 80' }).waitFor();
  await page.getByRole('region', { name: 'Octets' }).getByText('08 00 45 00').waitFor();
  await picture(page, 'packet');
  await fields.getByRole('button', { name: 'tcp.stream' }).click();
  await expect.poll(() => rows(page).count()).toBe(1);
  expect(await page.getByRole('combobox', { name: 'Display filter' }).inputValue()).toBe('tcp.stream == 0');
  expect(faults).toEqual([]);
  await page.close();
});

test('of a segment that came in fragments the packet with the last one is shown, and what they are together', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  await openSaved(page, join(ROOT, '..', 'shared', 'captures', 'zeek-ipv4-fragmented-syn.pcap'));
  await page.getByRole('tab', { name: 'Connections' }).click();
  await page.locator('[data-connection="0"]').click();
  await page.locator('[data-packet="2"]').click();
  await page.getByRole('tab', { name: 'Packet', exact: true }).click();
  await page.getByRole('region', { name: 'Fields' }).getByRole('row', { name: 'ip.fragment.count 2' }).waitFor();
  await page.getByRole('figure', { name: 'Fragments put together (packets 1, 2): 40 octets' }).waitFor();
  await picture(page, 'packet-fragments');
  expect(faults).toEqual([]);
  await page.close();
});

const PAGE_OF_TEXT = 10_000;
