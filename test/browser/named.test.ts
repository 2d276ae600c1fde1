import { afterAll, beforeAll, expect, test } from 'vitest';
import { captureFiles } from '../../main/capture/testing/captures.ts';
import { launch, openWindow } from '../support/browser.ts';
import { served, tcpwb } from '../support/tcpwb.ts';

// Captures named on the command line are open when the window is.

const smtp = captureFiles().find((path) => path.endsWith('zeek-smtp.pcap'))!;
let browser: Awaited<ReturnType<typeof launch>>;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

test('tcpwb serve CAPTURE: the window shows it, and has the engine beside it', async () => {
  const door = await served(smtp);
  const { page, faults } = await openWindow(browser, door.url);
  await page.getByRole('tab', { name: 'zeek-smtp.pcap', selected: true }).waitFor();
  await page.getByRole('tab', { name: 'Timeline', selected: true }).waitFor();
  await page.getByRole('tab', { name: 'Connections' }).click();
  await page.locator('[data-connection="0"]').waitFor();
  await page.getByRole('tab', { name: 'Ladder' }).click();
  expect(faults).toEqual([]);
  await page.close();
  await door.close();
});

test('what is no capture, or not there: one line, and no window', async () => {
  for (const path of ['package.json', 'nowhere.pcap']) {
    const { status, stderr } = await tcpwb('serve', path).ended;
    expect({ path, status, lines: stderr.trim().split('\n').length }).toEqual({ path, status: 2, lines: 1 });
    expect(stderr).toContain(path);
  }
});
