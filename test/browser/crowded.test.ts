import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch, openWindow, picture } from '../support/browser.ts';
import { served } from '../support/tcpwb.ts';

let door: Awaited<ReturnType<typeof served>>;
let browser: Browser;

beforeAll(async () => {
  [door, browser] = await Promise.all([served(), launch()]);
});
afterAll(async () => {
  await browser.close();
  await door.close();
});

const LINK_RAW = 101;
const HEADERS = 40 + 20;

/** SYN and SYN,ACK of many connections between long IPv6 addresses, as a pcap. */
function crowd(connections: number): Buffer {
  const file = Buffer.alloc(24 + connections * 2 * (16 + HEADERS));
  file.writeUInt32LE(0xa1b2c3d4, 0);
  file.writeUInt16LE(2, 4);
  file.writeUInt16LE(4, 6);
  file.writeUInt32LE(65_535, 16);
  file.writeUInt32LE(LINK_RAW, 20);
  const server = Buffer.from('2a03288f10cface0b00c001200340025', 'hex');
  let at = 24;
  for (let i = 0; i < 2 * connections; i++) {
    const [number, forth] = [i >> 1, i % 2 === 0];
    const client = Buffer.from(`20010db8beefcafe1234567890ab${number.toString(16).padStart(4, '0')}`, 'hex');
    file.writeUInt32LE(1_700_000_000 + Math.floor(i / 1000), at);
    file.writeUInt32LE((i % 1000) * 1000, at + 4);
    file.writeUInt32LE(HEADERS, at + 8);
    file.writeUInt32LE(HEADERS, at + 12);
    const ip = at + 16;
    file[ip] = 0x60;
    file.writeUInt16BE(20, ip + 4);
    file[ip + 6] = 6;
    file[ip + 7] = 64;
    (forth ? client : server).copy(file, ip + 8);
    (forth ? server : client).copy(file, ip + 24);
    const tcp = ip + 40;
    file.writeUInt16BE(forth ? 40_000 : 443, tcp);
    file.writeUInt16BE(forth ? 443 : 40_000, tcp + 2);
    file.writeUInt32BE(1000, tcp + 4);
    file.writeUInt32BE(forth ? 0 : 1001, tcp + 8);
    file[tcp + 12] = 0x50;
    file[tcp + 13] = forth ? 0x02 : 0x12;
    at = tcp + 20;
  }
  return file;
}

async function openCrowd(page: Page, connections: number): Promise<void> {
  const name = 'a-capture-with-a-rather-long-name-of-the-production-load-balancer.pcap';
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open a saved capture' }).click();
  await (await chooser).setFiles({ name, mimeType: 'application/octet-stream', buffer: crowd(connections) });
  await page.getByRole('tab', { name, selected: true }).waitFor();
}

/** What a person cannot read: elements of these kinds that do not lie within the window, or within what holds them. */
const cut = (page: Page, selector: string) =>
  page.locator(selector).evaluateAll(
    (elements, width) =>
      elements
        .filter((element) => {
          const { left, right } = element.getBoundingClientRect();
          return right > width || left < 0 || element.scrollWidth > element.clientWidth + 1;
        })
        .map((element) => element.textContent),
    page.viewportSize()!.width,
  );

test.each([1024, 1440, 1920])(
  '%i pixels wide, crowded, long addresses: every counter, and the end of every address, can be read',
  async (width) => {
    const { page, faults } = await openWindow(browser, door.url);
    await page.setViewportSize({ width, height: 768 });
    await openCrowd(page, 12_000);
    await page.getByRole('tab', { name: 'Connections' }).click();
    const counters = page.getByRole('status', { name: 'Counters' });
    await expect.poll(() => counters.textContent(), { timeout: 8000 }).toBe('captured 24,000TCP 24,000connections 12,000dropped 0');
    expect(await cut(page, '[aria-label="Counters"], [aria-label="Counters"] span')).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);

    const tails = page.locator('.connections-grid .endpoint > span:last-child');
    expect(await tails.first().textContent()).toContain(':40000');
    expect(await cut(page, '.connections-grid .endpoint > span:last-child')).toEqual([]);
    await page.getByRole('combobox', { name: 'Display filter' }).fill('tcp.flags.syn == 1');
    await page.keyboard.press('Enter');
    await page.getByText('24,000 of 24,000 segments pass').waitFor();
    expect(await cut(page, '[aria-label="Counters"], [aria-label="Counters"] span')).toEqual([]);
    await picture(page, `crowded-${width}`);
    await page.getByRole('button', { name: 'Show everything again' }).click();
    expect(faults).toEqual([]);
    await page.close();
  },
);
