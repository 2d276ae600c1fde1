import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch, openWindow, picture } from '../support/browser.ts';
import { AHEAD, type RoutedPath, routedPath } from '../support/routed-path.ts';
import { served } from '../support/tcpwb.ts';

let path: RoutedPath;
let door: Awaited<ReturnType<typeof served>>;
let browser: Browser;

beforeAll(async () => {
  path = await routedPath();
  [door, browser] = await Promise.all([served(path.atClient), launch()]);
});
afterAll(async () => {
  await browser.close();
  await door.close();
  path.remove();
});

const ladder = (page: Page) => page.getByRole('grid', { name: 'Both captures' });
const moments = (page: Page, which = '') => ladder(page).locator(`[role="row"]${which}`);
const countOf = async (page: Page, side: string, fate: string): Promise<number> =>
  Number((await page.locator(`[data-side="${side}"] [data-fate="${fate}"]`).textContent())!.replaceAll(/\D/g, ''));

/** What the ladder shows from its top, row by row, as far as it is drawn. */
const shown = (page: Page) =>
  moments(page).evaluateAll((rows) =>
    rows
      .map((row) => ({
        index: Number(row.getAttribute('aria-rowindex')),
        place: row.getAttribute('data-place'),
        from: row.getAttribute('data-from'),
        fate: row.getAttribute('data-fate'),
        frame: Number(row.getAttribute('data-frame')),
        time: Number(row.querySelector('.moment-time')?.textContent),
        text: row.querySelector('.moment-label')?.textContent,
      }))
      .toSorted((a, b) => a.index - b.index),
  );

test('a capture is compared with one from the other end of the path: one clock, one ladder, losses in their direction', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  await page.getByRole('tab', { name: /^client\.pcap/ }).click();
  await page.getByRole('button', { name: 'Compare with another capture' }).click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('menuitem', { name: 'A file…' }).click();
  await (await chooser).setFiles({ name: 'server.pcap', mimeType: 'application/octet-stream', buffer: readFileSync(path.atServer) });

  const facts = page.getByRole('region', { name: 'Two captures compared' });
  await facts.getByText('Nearer to the client.').waitFor();
  expect(Number(/([\d.]+) s ahead/.exec((await facts.textContent())!)![1])).toBeCloseTo(AHEAD, 4);
  const lost = await countOf(page, 'client', 'lost');
  expect(lost).toBeGreaterThan(0);
  expect(lost).toBeLessThanOrEqual(path.dropped);
  expect(await countOf(page, 'server', 'lost')).toBe(0);

  // From the top: SYN leaves, comes; SYN,ACK leaves, comes; time never goes back, and each place keeps its order.
  await moments(page).first().waitFor();
  const rows = await shown(page);
  expect(rows.slice(0, 5).map(({ place, from, text }) => [place, from, text!.split(' ')[0]])).toEqual([
    ['client', 'client', 'SYN'],
    ['server', 'client', 'SYN'],
    ['server', 'server', 'SYN,ACK'],
    ['client', 'server', 'SYN,ACK'],
    ['client', 'client', 'ACK'],
  ]);
  for (const [i, row] of rows.entries()) if (i > 0) expect(row.time).toBeGreaterThanOrEqual(rows[i - 1]!.time);
  for (const place of ['client', 'server']) {
    const frames = rows.filter((row) => row.place === place).map(({ frame }) => frame);
    expect(frames).toEqual(frames.toSorted((x, y) => x - y));
  }

  // A lost segment has one row, where it left; the way to it from the diagnosis is the same packet as anywhere.
  await page.getByRole('tab', { name: 'Connections' }).click();
  await page.getByRole('img', { name: `In both captures; ${lost} segments lost between them` }).waitFor();
  await ladder(page).focus();
  await page.keyboard.press('End');
  const field = page.getByRole('combobox', { name: 'Display filter' });
  await field.fill('tcp.len > 0');
  await field.press('Enter');
  await expect.poll(async () => (await shown(page)).every(({ text }) => text!.includes('len')), { timeout: 8000 }).toBe(true);
  await page.getByRole('button', { name: 'Show everything again' }).click();

  await ladder(page)
    .locator('.ladder-scroll')
    .evaluate((element) => element.scrollTo(0, 0));
  for (let at = 0; at < 40 && (await moments(page, '[data-fate="lost"]').count()) === 0; at++) {
    await ladder(page)
      .locator('.ladder-scroll')
      .evaluate((element) => element.scrollBy(0, element.clientHeight));
    await page.waitForTimeout(20);
  }
  const gone = moments(page, '[data-fate="lost"]').first();
  await gone.click();
  expect([await gone.getAttribute('data-place'), await gone.getAttribute('aria-selected')]).toEqual(['client', 'true']);
  await page.setViewportSize({ width: 1600, height: 1300 });
  await page.mouse.move(5, 5);
  await page.waitForTimeout(300);
  await picture(page, 'compare', page.locator('.panel-ladder'));

  // The other capture's packets are a click away.
  const theirs = moments(page, '[data-place="server"]').first();
  const frame = await theirs.getAttribute('data-frame');
  await theirs.getByRole('button', { name: `#${frame}` }).click();
  await page.getByRole('tab', { name: /^server\.pcap/, selected: true }).waitFor();
  await page.locator(`[data-packet="${frame}"][aria-selected="true"]`).waitFor();

  // Seen from there it is the same story; a window opened later tells it, too.
  await page.getByRole('button', { name: 'Compare with another capture' }).click();
  await page.getByRole('menuitemradio', { name: 'client.pcap' }).click();
  await facts.getByText('Nearer to the server.').waitFor();
  await expect.poll(() => countOf(page, 'client', 'lost'), { timeout: 8000 }).toBe(lost);
  expect(faults).toEqual([]);
  await page.close();

  const later = await openWindow(browser, door.url);
  await later.page.getByRole('tab', { name: /^client\.pcap/ }).click();
  await expect.poll(() => countOf(later.page, 'client', 'lost'), { timeout: 8000 }).toBe(lost);
  await later.page.getByRole('button', { name: 'Compare with another capture' }).click();
  await later.page.getByRole('menuitem', { name: 'End the comparison' }).click();
  await expect.poll(() => later.page.getByRole('region', { name: 'Two captures compared' }).count()).toBe(0);
  await later.page.locator('[data-packet="1"]').waitFor();
  expect(later.faults).toEqual([]);
  await later.page.close();
});

test('captures without a connection in common: one line says so, and nothing else changes', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  await page.getByRole('tab', { name: /^client\.pcap/ }).click();
  await page.getByRole('button', { name: 'Compare with another capture' }).click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('menuitem', { name: 'A file…' }).click();
  const other = Buffer.from(readFileSync(path.atServer).subarray(0, 24));
  await (await chooser).setFiles({ name: 'empty.pcap', mimeType: 'application/octet-stream', buffer: other });
  await page.getByText('client.pcap and empty.pcap have no segment in common.').waitFor();
  expect(await page.getByRole('region', { name: 'Two captures compared' }).count()).toBe(0);
  expect(faults).toEqual([]);
  await page.close();
});
