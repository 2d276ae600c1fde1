import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { captureIs, changesOf, launch, openWindow, picture, startCapture, stopCapture } from '../support/browser.ts';
import { echoServer, ncSays, telnetSays } from '../support/echo.ts';
import { served } from '../support/tcpwb.ts';

const PORT = 9502;
const CLIENT = ['CLOSED', 'SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT'];
const SERVER = ['LISTEN', 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT', 'LAST-ACK', 'CLOSED'];

let door: Awaited<ReturnType<typeof served>>;
let echo: Awaited<ReturnType<typeof echoServer>>;
let browser: Browser;

beforeAll(async () => {
  [door, echo, browser] = await Promise.all([served(), echoServer(PORT), launch()]);
});
afterAll(async () => {
  await browser.close();
  await Promise.all([door.close(), echo.close()]);
});

test('nc and telnet sessions on lo appear live: both ends live all of it, each change naming its packet', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  await startCapture(page, 'lo', `tcp port ${PORT}`);

  expect(await ncSays(PORT, 'hello from nc\n')).toContain('hello from nc');
  await page.getByRole('tab', { name: 'Connections' }).click();
  const rows = page.getByRole('grid', { name: 'Connections' }).locator('[data-connection]');
  await rows.first().waitFor();
  expect(await telnetSays(PORT, 'hello from telnet\n')).toContain('hello from telnet');
  await rows.nth(1).waitFor();

  await page.getByRole('tab', { name: 'State changes' }).click();
  for (const connection of [0, 1]) {
    await page.locator(`[data-connection="${connection}"]`).click();
    await page.locator('ol[aria-label="State changes"] li[data-end="client"][data-state="TIME-WAIT"]').waitFor();
    await page.locator('ol[aria-label="State changes"] li[data-end="server"][data-state="CLOSED"]').waitFor();
    const [client, server] = [await changesOf(page, 'client'), await changesOf(page, 'server')];
    expect(client.map(({ state }) => state)).toEqual(CLIENT);
    expect(server.map(({ state }) => state)).toEqual(SERVER);
    const packets = [...client, ...server].map(({ packet }) => packet);
    expect(packets.every((packet) => Number.isInteger(packet) && packet >= 1)).toBe(true);
    // Named, and in order at each end.
    for (const end of [client, server])
      expect(end.map(({ packet }) => packet)).toEqual(end.map(({ packet }) => packet).toSorted((a, b) => a - b));
  }

  // The same on the timeline and the ladder, for the README.
  await page.getByRole('tab', { name: 'Timeline' }).click();
  await page.getByRole('tab', { name: 'State diagram' }).click();
  await page.waitForTimeout(500);
  await picture(page, 'workbench');
  await stopCapture(page, `tcp port ${PORT}`);
  expect(faults).toEqual([]);
  await page.close();
});

test('closing the browser loses nothing: the capture goes on, and the next window shows it', async () => {
  const first = await openWindow(browser, door.url);
  await startCapture(first.page, 'lo', `tcp port ${PORT}`);
  await first.page.close();
  await ncSays(PORT, 'while nobody watched\n');

  const second = await openWindow(browser, door.url);
  await captureIs(second.page, `tcp port ${PORT}`, 'running').click();
  await second.page.getByRole('tab', { name: 'Connections' }).click();
  await second.page.locator('[data-connection="0"]').waitFor();
  await stopCapture(second.page, `tcp port ${PORT}`);
  await startCapture(second.page, 'lo', `tcp port ${PORT}`);
  await stopCapture(second.page, `tcp port ${PORT}`);
  expect(second.faults).toEqual([]);
  await second.page.close();
});
