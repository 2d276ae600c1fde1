import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch, openWindow, startCapture } from '../support/browser.ts';
import { echoServer, ncSays } from '../support/echo.ts';
import { served } from '../support/tcpwb.ts';

// The Workbench is killed in the middle of a capture; what it had captured is offered at the next start, and can be saved.

const state = mkdtempSync(join(tmpdir(), 'tcpwb-state-'));
const captures = () => readdirSync(join(state, 'tcp-workbench', 'captures'));
let echo: Awaited<ReturnType<typeof echoServer>>;
let browser: Browser;

beforeAll(async () => {
  process.env.XDG_STATE_HOME = state;
  [echo, browser] = await Promise.all([echoServer(), launch()]);
});
afterAll(async () => {
  delete process.env.XDG_STATE_HOME;
  await Promise.all([browser.close(), echo.close()]);
  rmSync(state, { recursive: true });
});

test('a capture survives the Workbench that made it; it is opened, saved, and discarded', async () => {
  const filter = `tcp port ${echo.port}`;
  const first = await served();
  const before = await openWindow(browser, first.url);
  await startCapture(before.page, 'lo', filter);
  await ncSays(echo.port, 'to be remembered\n');
  await before.page.getByRole('tab', { name: 'Connections' }).click();
  await before.page.locator('[data-connection="0"]').waitFor();
  const ended = once(first.child, 'exit');
  first.child.kill('SIGKILL');
  await ended;
  await before.page.close();
  expect(captures()).toHaveLength(1);

  const second = await served();
  const { page, faults } = await openWindow(browser, second.url);
  const left = page.getByRole('region', { name: 'Captures that were not ended' });
  expect(await left.getByRole('listitem').textContent()).toContain(`lo tcp port ${echo.port}`);
  await left.getByRole('button', { name: 'Open' }).click();
  await page.getByRole('tab', { name: 'Connections' }).click();
  await page.locator('[data-connection="0"]').waitFor();

  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save capture' }).click()]);
  expect(saved.suggestedFilename()).toMatch(/\.pcapng$/);
  const said = execFileSync('tshark', ['-n', '-r', await saved.path(), '-Y', 'tcp.len > 0', '-T', 'fields', '-e', 'tcp.payload'], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
  expect(Buffer.from(said.split('\n')[0]!, 'hex').toString()).toBe('to be remembered\n');

  await page.getByRole('button', { name: /^Close .*pcapng/ }).click();
  await page.getByRole('tab', { name: 'Start' }).click();
  await left.getByRole('button', { name: 'Discard' }).click();
  await left.waitFor({ state: 'detached' });
  expect(captures()).toEqual([]);
  await page.getByRole('tab', { name: 'Connections' }).click();

  // One that ends in good order leaves nothing.
  await startCapture(page, 'lo', filter);
  await ncSays(echo.port, 'not to be remembered\n');
  await page.locator('[data-connection="0"]').waitFor();
  expect(captures()).toHaveLength(1);
  await second.close();
  expect(captures()).toEqual([]);
  expect(faults.filter((fault) => !fault.includes('WebSocket'))).toEqual([]);
});
