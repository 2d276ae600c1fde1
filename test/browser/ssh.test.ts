import { execFileSync } from 'node:child_process';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SshServer, sshServer } from '../../main/capture/testing/ssh-server.ts';
import { captureIs, changesOf, launch, openWindow, picture, stopCapture } from '../support/browser.ts';
import { echoServer, ncSays } from '../support/echo.ts';
import { served } from '../support/tcpwb.ts';

let server: SshServer;
let door: Awaited<ReturnType<typeof served>>;
let echo: Awaited<ReturnType<typeof echoServer>>;
let browser: Browser;

beforeAll(async () => {
  server = await sshServer();
  process.env.PATH = `${server.folder}:${process.env.PATH}`; // the door's `ssh` is the one that knows the server
  [door, echo, browser] = await Promise.all([served(), echoServer(), launch()]);
});
afterAll(async () => {
  await browser.close();
  await Promise.all([door.close(), echo.close()]);
  server.stop();
});

async function chooseMachine(page: Page, host: string, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Choose the interface' }).click();
  // The list above it pushes it down when it arrives.
  await page.getByRole('list', { name: 'Interfaces' }).getByRole('button', { name: /^lo\b/ }).waitFor();
  const fields = page.locator('details.remote');
  if (!(await fields.getByLabel('Machine, as ssh takes it').isVisible())) await fields.locator('summary').click();
  await fields.getByLabel('Machine, as ssh takes it').fill(host);
  await fields.getByLabel('Its interface').fill(name);
  await fields.getByRole('button', { name: 'Choose' }).click();
}
const start = (page: Page) => page.getByRole('form', { name: 'Capture' }).getByRole('button', { name: 'Start' }).click();

/** The ssh that brings the packets: a child of this door. */
function sshPid(): number {
  const children = execFileSync('ps', ['--ppid', String(door.child.pid), '-o', 'pid=,comm='], { encoding: 'utf8' });
  const line = children.split('\n').find((child) => child.trim().endsWith(' ssh'));
  if (!line) throw new Error(`the door has no ssh among its children:\n${children}`);
  return Number.parseInt(line, 10);
}

test('another machine is captured from the window: its packets live, both ends, until it is stopped or lost', async () => {
  const filter = `tcp port ${echo.port}`;
  const { page, faults } = await openWindow(browser, door.url);
  await chooseMachine(page, 'elsewhere', 'lo');
  await page.getByLabel('Capture filter').fill(filter);
  await start(page);
  await page.getByRole('tab', { name: `elsewhere:lo · ${filter} running` }).waitFor();
  await ncSays(echo.port, 'hello from afar\n');
  await page.getByRole('tab', { name: 'Connections' }).click();
  await page.locator('[data-connection="0"]').click();
  await page.getByRole('tab', { name: 'State changes' }).click();
  await page.locator('ol[aria-label="State changes"] li[data-end="client"][data-state="TIME-WAIT"]').waitFor();
  expect((await changesOf(page, 'server')).map(({ state }) => state)).toEqual([
    'LISTEN',
    'SYN-RECEIVED',
    'ESTABLISHED',
    'CLOSE-WAIT',
    'LAST-ACK',
    'CLOSED',
  ]);
  await picture(page, 'ssh');
  await stopCapture(page, filter);

  await start(page);
  await captureIs(page, filter, 'running').waitFor();
  process.kill(sshPid(), 'SIGKILL');
  await captureIs(page, filter, 'failed').waitFor();
  expect(await page.getByRole('alert').first().textContent()).toMatch(/SIGKILL/);
  expect(faults).toEqual([]);
  await page.close();
});

test('a machine that lets nobody in: what to do about it, and no session is left', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  const sessions = page.getByRole('tablist', { name: 'Sessions' }).getByRole('tab');
  await sessions.first().waitFor();
  const before = await sessions.count();
  await chooseMachine(page, 'unwelcome', 'lo');
  await start(page);
  await page.getByText('ssh-copy-id unwelcome').waitFor();
  expect(await sessions.count()).toBe(before);
  expect(faults).toEqual([]);
  await page.close();
});

test('two captures that run are compared, and aligned anew as they grow', async () => {
  const filter = `port ${echo.port}`;
  const { page, faults } = await openWindow(browser, door.url);
  await chooseMachine(page, 'elsewhere', 'lo');
  await page.getByLabel('Capture filter').fill(filter);
  await start(page);
  const remote = page.getByRole('tab', { name: `elsewhere:lo · ${filter} running` });
  await remote.waitFor();
  await page.getByRole('button', { name: 'Choose the interface' }).click();
  await page.getByRole('list', { name: 'Interfaces' }).getByRole('button', { name: /^lo\b/ }).click();
  await start(page);
  await page.getByRole('tab', { name: new RegExp(`^lo · ${filter} running`, 'i'), selected: true }).waitFor();
  await ncSays(echo.port, 'one\n');
  await page.getByRole('tab', { name: 'Connections' }).click();
  await page.locator('[data-connection="0"]').waitFor();
  await page.getByRole('button', { name: 'Compare with another capture' }).click();
  await page.getByRole('menuitemradio', { name: `elsewhere:lo · ${filter}` }).click();
  const both = page.getByRole('grid', { name: 'Connections' }).getByRole('img', { name: /^In both captures/ });
  await expect.poll(() => both.count(), { timeout: 8000 }).toBe(1);
  await ncSays(echo.port, 'two\n');
  await expect.poll(() => both.count(), { timeout: 8000 }).toBe(2);
  expect(faults).toEqual([]);
  await page.close();
});
