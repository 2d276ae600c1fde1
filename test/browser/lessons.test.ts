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

const outcome = (page: Page, is: string) => page.locator(`[role="status"][data-outcome="${is}"]`);

/** Replaces what stands in the editor, as a person who pastes would. */
async function write(page: Page, script: string): Promise<void> {
  await page.locator('.monaco-editor').first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(script);
}

test('lessons 1, 3 and 8 pass in the window, and their connections appear', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  await page.getByRole('button', { name: 'Open the lessons' }).click();
  for (const [number, title] of [
    [1, /handshake/i],
    [3, /accept/i],
    [8, /clos/i],
  ] as const) {
    await page
      .getByRole('navigation', { name: 'Lessons' })
      .getByRole('button', { name: new RegExp(`^${number}\\b`) })
      .click();
    await page.getByRole('article', { name: title }).waitFor();
    await page.getByRole('button', { name: 'Run this lesson' }).click();
    await page.getByText('Running…').waitFor({ state: 'detached' });
    await outcome(page, 'passed').waitFor();
    expect(await page.locator('[data-kind="check"][data-ok="false"]').count()).toBe(0);
  }
  await picture(page, 'lesson');
  expect(faults).toEqual([]);
  await page.close();
});

test('a lesson draws what it expects, asks what will happen, and tells whether that was right; a template is at hand', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  await page.getByRole('button', { name: 'Open the lessons' }).click();
  const list = page.getByRole('navigation', { name: 'Lessons' });
  await list.getByRole('heading', { name: /How a connection ends/ }).waitFor();
  await list.getByRole('button', { name: /^19\b/ }).click();
  await page.getByRole('img', { name: /^client: SYN; server: SYN,ACK; client: ACK;/ }).waitFor();
  await page.getByRole('button', { name: 'Run this lesson' }).click();
  await page.getByRole('form', { name: 'Predict:' }).getByRole('button', { name: 'CLOSE-WAIT' }).click();
  await outcome(page, 'passed').waitFor();
  expect(await page.locator('[data-kind="prediction"]').textContent()).toMatch(/predicted CLOSE-WAIT.*it was CLOSE-WAIT/);
  await page.getByRole('button', { name: 'Open its script' }).click();
  await page.getByRole('combobox', { name: 'Script', exact: true }).selectOption({ label: 'A listener under load' });
  await page.getByText('A listener under load: clients call faster').waitFor();
  expect(faults).toEqual([]);
  await page.close();
});

test('a lesson whose behaviour is broken fails, and says what was expected and what was seen', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  await page.getByRole('button', { name: 'View' }).click();
  await page
    .getByRole('button', { name: 'Experiment' })
    .or(page.getByRole('menuitem', { name: 'Experiment' }))
    .first()
    .click();
  await page.getByRole('button', { name: 'Open the first lesson' }).click();
  const lesson = readFileSync(join(ROOT, 'resources', 'lessons', '01-three-way-handshake.ts'), 'utf8');
  // The third segment never arrives: accept() has nothing to return.
  const broken = lesson.replace(
    'const address =',
    "link.drop((segment) => segment.from === 'client' && segment.flags === 'ACK');\nconst address =",
  );
  expect(broken).not.toBe(lesson);
  await write(page, broken);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('[data-outcome="failed"], [data-outcome="error"]').first().waitFor();
  const said = await page.getByRole('log').textContent();
  expect(said).toMatch(/expected|waits/i);

  // A wrong claim: both sides of it are shown.
  await write(
    page,
    "const { client } = lab.twoHosts();\nconst s = await client.socket(AF_INET, SOCK_STREAM);\nexpect(client.state(s), 'a new socket').toBe('LISTEN');\n",
  );
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await outcome(page, 'failed').waitFor();
  const check = page.locator('[data-kind="check"][data-ok="false"]').first();
  expect(await check.textContent()).toMatch(/a new socket[\s\S]*LISTEN[\s\S]*CLOSED/);

  // What is no script is marked at its place.
  await write(page, 'const a = 1;\nconst b = ;\n');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await outcome(page, 'error').waitFor();
  expect(await page.getByRole('alert').filter({ hasText: 'not a script' }).first().textContent()).toContain(':2');

  // A script without end can be stopped.
  await write(page, 'while (true) {}\n');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('button', { name: 'Stop', exact: true }).last().click();
  await outcome(page, 'error').waitFor();
  expect(await page.getByRole('log').textContent()).toMatch(/Stopped|Out of computing time/);
  expect(faults).toEqual([]);
  await page.close();
});

test('the queues of the engine’s listener and its connections are shown', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  await page.getByRole('tab', { name: /^Engine: echo/ }).click();
  await page.getByRole('tab', { name: 'Queues' }).click();
  await page.getByText('10.0.0.2:9502').first().waitFor();
  await page.getByText('SYN queue').first().waitFor();
  await page.getByText('Accept queue').first().waitFor();
  expect(faults).toEqual([]);
  await page.close();
});
