import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
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

/** The arrangement for experiments, with a template in the editor. */
async function editing(template: string): Promise<{ readonly page: Page; readonly faults: readonly string[] }> {
  const { page, faults } = await openWindow(browser, door.url);
  await page.getByRole('button', { name: 'View' }).click();
  await page.getByRole('menuitem', { name: 'Experiment' }).click();
  await page.getByRole('combobox', { name: 'Script' }).selectOption({ label: template });
  return { page, faults };
}

const eventually = <T>(what: () => Promise<T>) => expect.poll(what, { timeout: 15_000 });
const written = (page: Page) => page.locator('.monaco-editor .view-line');
const squiggles = (page: Page) => page.locator('.monaco-editor .squiggly-error');
const suggestions = (page: Page) => page.locator('.suggest-widget.visible');
const details = (page: Page) => page.locator('.suggest-details');
const outcome = (page: Page, how: string) => page.locator(`[role="status"][data-outcome="${how}"]`);
const rungs = (page: Page) => page.locator('.rung');

async function replaceAll(page: Page, text: string): Promise<void> {
  await written(page).first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

/** The run is on show everywhere: lanes on the timeline, rungs on the ladder, ends in the queues. */
async function showsEverywhere(page: Page, segments: number): Promise<void> {
  await eventually(() => rungs(page).count()).toBe(segments);
  await page.getByRole('button', { name: 'Table' }).first().click();
  await page.getByRole('table', { name: 'Timeline' }).getByRole('row').nth(1).waitFor();
  await page.getByRole('button', { name: 'Table' }).first().click();
  await page.getByRole('tab', { name: 'Queues' }).click();
  await page.getByRole('region', { name: 'Queues' }).locator('.badge').first().waitFor();
  await page.getByRole('tab', { name: 'Ladder' }).click();
}

const NEWCOMER = `// My first script: a server, a client, one message.
const { client, server } = lab.twoHosts({ delay: ms(10) });

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, { address: '10.0.0.2', port: 9502 });
`;
const REST = `
expect(server.state(listener), 'the listener listens').toBe('LISTEN');

const socket = await client.socket(AF_INET, SOCK_STREAM);
expect(client.state(socket), 'a new socket is CLOSED').toBe('CLOSED');

await client.connect(socket, { address: '10.0.0.2', port: 9502 });
expect(client.state(socket), 'the client is connected').toBe('ESTABLISHED');

const connection = await server.accept(listener);
expect(server.state(connection), 'so is the server').toBe('ESTABLISHED');

await client.send(socket, 'hello');
const heard = await server.recv(connection, 100);
console.log('the server heard', heard);

await client.close(socket);
await sleep(0.1);
expect(server.state(connection), 'the server has not closed').toBe('CLOSE-WAIT');

await server.close(connection);
await sleep(0.1);
expect(client.state(socket), 'the client waits').toBe('TIME-WAIT');
`;

test('a newcomer writes thirty lines: completion tells, a mistake shows, the run shows everywhere, a segment names its line', async () => {
  const { page, faults } = await editing('An empty script');
  await replaceAll(page, NEWCOMER);
  await page.keyboard.press('Control+End');
  await page.keyboard.type('await server.lis');
  await suggestions(page).getByText('listen').first().waitFor();
  await eventually(() => details(page).textContent()).toMatch(/listen\(.*backlog/s);
  // The names stand within their rows: no style of ours reaches into the editor's list.
  const row = suggestions(page).locator('.monaco-list-row').first();
  const [outer, inner] = [await row.boundingBox(), await row.locator('.label-name').boundingBox()];
  expect(inner!.y + inner!.height).toBeLessThanOrEqual(outer!.y + outer!.height);
  await picture(page, 'completion');
  await page.keyboard.press('Enter');
  await page.keyboard.type("(listener, 'five');");
  await page.keyboard.press('Escape');
  await eventually(() => squiggles(page).count()).toBe(1);
  expect(await outcome(page, 'passed').count()).toBe(0);
  for (let i = 0; i < "'five');".length; i++) await page.keyboard.press('Backspace');
  await page.keyboard.insertText(`5);${REST}`);
  await eventually(() => squiggles(page).count()).toBe(0);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await outcome(page, 'passed').waitFor();
  await showsEverywhere(page, 9);
  await rungs(page).filter({ hasText: 'len 5' }).first().click();
  await page.locator('.line-cause').first().waitFor();
  await page.locator('.monaco-editor .line-numbers', { hasText: /^18$/ }).waitFor();
  expect(await rungs(page).filter({ hasText: 'line 18' }).count()).toBeGreaterThanOrEqual(1);
  await picture(page, 'newcomer');
  expect(faults).toEqual([]);
  await page.close();
});

const PACKETDRILL = readFileSync(join(ROOT, 'resources', 'templates', 'handshake.pkt'), 'utf8');

/** A file dropped on the window. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  // As text: what a page knows of files is unknown to the tests' types.
  const data = await page.evaluateHandle(
    `(() => { const data = new DataTransfer(); data.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)})); return data; })()`,
  );
  for (const type of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent('.app', type, { dataTransfer: data });
}

test('a packetdrill script is dropped, completed, checked as it is written, run, and its failure shown on its line', async () => {
  const { page, faults } = await editing('An empty script');
  await drop(page, 'mine.pkt', PACKETDRILL);
  await page.getByText('packetdrill · engine').waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await outcome(page, 'passed').waitFor();
  await showsEverywhere(page, 10);
  await picture(page, 'packetdrill');

  // The answer of 500 octets: the line that wrote it, which is not the line that expects it.
  await rungs(page).filter({ hasText: 'len 500' }).first().click();
  await page.locator('.line-cause').first().waitFor();
  expect(await rungs(page).filter({ hasText: 'line 22' }).count()).toBeGreaterThanOrEqual(1);

  await replaceAll(page, '+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n');
  await page.keyboard.type('+0 lis');
  await suggestions(page).getByText('listen').first().waitFor();
  await eventually(() => details(page).textContent()).toContain('accept()');
  await page.keyboard.press('Enter');
  await eventually(async () => (await written(page).allTextContents()).join('\n').replaceAll('\u00a0', ' ')).toContain(
    '+0 listen(3, 1) = 0',
  );
  await page.keyboard.insertText('\n+0 shutdown(3, SHUT_UP) = 0');
  await eventually(() => squiggles(page).count()).toBe(1);
  await page.keyboard.press('Escape');
  await picture(page, 'packetdrill-mistake');

  // What the engine sends is not what this one wants: the MSS.
  await replaceAll(page, PACKETDRILL.replace('ack 1 <...>', 'ack 1 <mss 1400,nop,nop,sackOK,nop,wscale 10>'));
  await page.keyboard.press('Control+Home');
  await eventually(() => squiggles(page).count()).toBe(0);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await outcome(page, 'failed').waitFor();
  const failed = page.locator('.line[data-kind="check"][data-ok="false"]');
  await failed.locator('mark', { hasText: '1400' }).waitFor();
  await failed.locator('mark', { hasText: '1460' }).waitFor();
  await eventually(() => squiggles(page).count()).toBe(1);
  await failed.click();
  await picture(page, 'packetdrill-failed');
  await page.emulateMedia({ colorScheme: 'light' });
  await picture(page, 'packetdrill-failed-light');
  expect(faults).toEqual([]);
  await page.close();
});
