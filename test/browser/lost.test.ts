import { execFileSync } from 'node:child_process';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { captureIs, launch, openWindow, startCapture, stopCapture } from '../support/browser.ts';
import { echoServer, ncSays } from '../support/echo.ts';
import { served } from '../support/tcpwb.ts';

const VETH = 'tcpwblost0';
const ip = (...args: readonly string[]) => execFileSync('ip', args, { stdio: 'pipe' });

let door: Awaited<ReturnType<typeof served>>;
let echo: Awaited<ReturnType<typeof echoServer>>;
let browser: Browser;

beforeAll(async () => {
  [door, echo, browser] = await Promise.all([served(), echoServer(), launch()]);
});
afterAll(async () => {
  await browser.close();
  await Promise.all([door.close(), echo.close()]);
});

/** The capture helper that this door started: a child of its own. */
function helperPid(): number {
  const children = execFileSync('ps', ['--ppid', String(door.child.pid), '-o', 'pid=,comm='], { encoding: 'utf8' });
  const line = children.split('\n').find((child) => child.includes('tcpwb-capture'));
  if (!line) throw new Error(`the door has no capture helper among its children:\n${children}`);
  return Number.parseInt(line, 10);
}

test('the helper is killed: the window says so, what was captured stays, and a new capture starts', async () => {
  const filter = `tcp port ${echo.port}`;
  const { page, faults } = await openWindow(browser, door.url);
  await startCapture(page, 'lo', filter);
  await ncSays(echo.port, 'before the end\n');
  await page.getByRole('tab', { name: 'Connections' }).click();
  await page.locator('[data-connection="0"]').waitFor();

  process.kill(helperPid(), 'SIGKILL');
  await captureIs(page, filter, 'failed').waitFor();
  expect(await page.getByRole('alert').first().textContent()).toMatch(/SIGKILL/);
  expect(await page.locator('[data-connection="0"]').count()).toBe(1);

  await startCapture(page, 'lo', filter);
  await ncSays(echo.port, 'and after it\n');
  await page.locator('[data-connection="0"]').waitFor();
  await stopCapture(page, filter);
  expect(faults).toEqual([]);
  await page.close();
});

test('the interface is unplugged: the window says so, and a new capture starts elsewhere', async () => {
  ip('link', 'add', VETH, 'type', 'veth', 'peer', 'name', 'tcpwblost1');
  try {
    ip('link', 'set', VETH, 'up');
    ip('link', 'set', 'tcpwblost1', 'up');
    const { page, faults } = await openWindow(browser, door.url);
    await startCapture(page, VETH, 'tcp port 4');
    ip('link', 'delete', VETH);
    await captureIs(page, 'tcp port 4', 'failed').waitFor();
    expect(await page.getByRole('alert').first().textContent()).toContain(VETH);
    await startCapture(page, 'lo', 'tcp port 5');
    await stopCapture(page, 'tcp port 5');
    expect(faults).toEqual([]);
    await page.close();
  } finally {
    try {
      ip('link', 'delete', VETH);
    } catch {
      // it is gone, as it should be
    }
  }
});

test('a filter that is none: the window says what is wrong with it, and nothing is left behind', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  await page.getByLabel('Capture filter').fill('tcp prot 9502');
  await page.getByRole('form', { name: 'Capture' }).getByRole('button', { name: 'Start' }).click();
  await page.getByRole('status', { name: 'Messages' }).getByText('"tcp prot 9502" is not a capture filter').waitFor();
  expect(await page.getByRole('tab', { name: /tcp prot 9502/ }).count()).toBe(0);
  expect(faults).toEqual([]);
  await page.close();
});

test('the Workbench itself goes away: the window says so and keeps what it shows', async () => {
  const other = await served();
  const { page } = await openWindow(browser, other.url);
  await page.getByRole('tab', { name: 'Connections' }).click();
  await page.locator('[data-connection="0"]').waitFor();
  await other.close();
  await page.getByRole('alert').getByText('The Workbench stopped answering').waitFor();
  expect(await page.locator('[data-connection="0"]').count()).toBe(1);
  await page.close();
});
