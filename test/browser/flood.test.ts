import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch, openWindow, picture, startCapture, stopCapture } from '../support/browser.ts';
import { served } from '../support/tcpwb.ts';

/** Longer than the test needs: it ends the flood itself. */
const SECONDS = 25;

let door: Awaited<ReturnType<typeof served>>;
let browser: Browser;
let port: number;
const programs: ChildProcess[] = [];

beforeAll(async () => {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  port = (free.address() as { port: number }).port;
  free.close();
  [door, browser] = await Promise.all([served(), launch()]);
});
afterAll(async () => {
  for (const program of programs) program.kill();
  await browser.close();
  await door.close();
});

/** Small packets, as fast as they go. */
async function flood(): Promise<ChildProcess> {
  const server = spawn('iperf3', ['-s', '-1', '-p', String(port), '--forceflush'], { stdio: ['ignore', 'pipe', 'ignore'] });
  programs.push(server);
  await once(server.stdout!, 'data');
  const client = spawn('iperf3', ['-c', '127.0.0.1', '-p', String(port), '-M', '500', '-l', '500', '-N', '-t', String(SECONDS)], {
    stdio: 'ignore',
  });
  programs.push(client);
  return client;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The numbers of the counters, by what stands before or after them. */
async function counters(page: Page) {
  const text = (await page.getByRole('status', { name: 'Counters' }).textContent())!.replaceAll(',', '');
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);
  return {
    captured: number(/captured (\d+)/),
    dropped: number(/dropped (\d+)/),
    byKernel: number(/(\d+) by the kernel/),
    byInterface: number(/(\d+) by the interface/),
    byQueue: number(/(\d+) by our queue/),
  };
}

test('under a flood the window stays in hand, and what the kernel and what our own queue dropped is told apart', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  await startCapture(page, 'lo', `tcp port ${port}`);
  const client = await flood();
  await expect.poll(async () => (await counters(page)).captured, { timeout: 8000 }).toBeGreaterThan(5000);

  // All while it floods: lists, ladder, diagram and the engine beside it answer.
  const goesOn = () => client.exitCode === null;
  await page.getByRole('tab', { name: 'Connections' }).click();
  await page.locator('[data-connection]').last().click();
  await page.locator('[data-packet]').first().click();
  await page.getByRole('tab', { name: 'State changes' }).click();
  await page.locator('ol[aria-label="State changes"] li[data-state="ESTABLISHED"]').first().waitFor();
  await page.getByRole('button', { name: 'Pause the engine' }).click();
  await page.getByRole('button', { name: 'Run the engine' }).click();
  await page.getByRole('tab', { name: 'Timeline' }).click();
  const before = await counters(page);
  await expect.poll(async () => (await counters(page)).captured, { timeout: 8000 }).toBeGreaterThan(before.captured);
  expect(goesOn()).toBe(true);

  // For a moment nobody takes what is captured: the kernel has to drop, and that is where it is told.
  door.child.kill('SIGSTOP');
  await pause(1200);
  door.child.kill('SIGCONT');
  await expect.poll(async () => (await counters(page)).byKernel, { timeout: 8000 }).toBeGreaterThan(0);
  await picture(page, 'flood');
  client.kill();
  await stopCapture(page, `tcp port ${port}`);
  const { dropped, byKernel, byInterface, byQueue } = await counters(page);
  expect(byKernel + byInterface + byQueue).toBe(dropped);
  expect(faults).toEqual([]);
  await page.close();
});
