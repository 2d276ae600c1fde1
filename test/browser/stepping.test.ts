import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONVERSATION } from '../../main/experiments/testing/conversation.ts';
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

/** The arrangement for experiments, with the script in the editor. */
async function experiment(): Promise<{ readonly page: Page; readonly faults: readonly string[] }> {
  const { page, faults } = await openWindow(browser, door.url);
  await page.getByRole('button', { name: 'View' }).click();
  await page
    .getByRole('button', { name: 'Experiment' })
    .or(page.getByRole('menuitem', { name: 'Experiment' }))
    .first()
    .click();
  await page.getByRole('button', { name: 'Open the first lesson' }).click();
  await page.locator('.monaco-editor .view-line').first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(CONVERSATION);
  return { page, faults };
}

/** A window on a busy machine takes its time. */
const eventually = <T>(what: () => Promise<T>) => expect.poll(what, { timeout: 8_000 });
const scrubber = (page: Page) => page.getByRole('slider', { name: 'Moment of the run' });
const where = async (page: Page): Promise<string> => (await scrubber(page).getAttribute('aria-valuetext')) ?? '';
/** The states that are lit in the diagram. */
const lit = (page: Page): Promise<string[]> =>
  page.locator('.diagram [data-lit="true"]').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-state') ?? ''));
const rungs = (page: Page) => page.locator('.rung');
const sent = (page: Page) => page.locator('.rung:not(.rung-to-come)');

test('a script is stepped from its first line, back again, and to a breakpoint', async () => {
  const { page, faults } = await experiment();
  const unit = page.getByRole('combobox', { name: 'What a step is' });
  await unit.selectOption('segment');
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await eventually(() => where(page)).toContain('line 6');
  await eventually(() => sent(page).count()).toBe(1);
  expect(await rungs(page).first().textContent()).toContain('SYN');
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await eventually(() => sent(page).count()).toBe(2);
  await page.getByRole('tab', { name: 'State diagram' }).click();
  await eventually(() => lit(page)).toEqual(expect.arrayContaining(['SYN-SENT']));

  // On to a state of either end, and to a segment that passes a display filter.
  await page.getByRole('textbox', { name: 'Run to a state or a segment' }).fill('established');
  await page.keyboard.press('Enter');
  await eventually(() => lit(page)).toEqual(expect.arrayContaining(['ESTABLISHED']));
  await page.getByRole('textbox', { name: 'Run to a state or a segment' }).fill('tcp.len > 0');
  await page.getByRole('button', { name: 'Run on to it' }).click();
  await eventually(() => where(page)).toContain('line 8');

  // A breakpoint beside line 10, set as people set them; then on to it.
  await page.locator('.monaco-editor .margin .line-numbers', { hasText: /^10$/ }).click();
  await page.locator('.glyph-breakpoint').waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await eventually(() => where(page)).toContain('line 10');
  await page.locator('.line-now').first().waitFor();
  await unit.selectOption('event');
  const there = await where(page);
  await page.getByRole('button', { name: 'Step back' }).click();
  await eventually(() => where(page)).not.toBe(there);
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await eventually(() => where(page)).toBe(there);
  await picture(page, 'stepping');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('[role="status"][data-outcome="passed"]').waitFor();
  expect(faults).toEqual([]);
  await page.close();
});

test('the scrubber moves the whole window to a moment of the run', async () => {
  const { page, faults } = await experiment();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('[role="status"][data-outcome="passed"]').waitFor();
  await eventually(() => rungs(page).count()).toBe(8);
  await page.getByRole('tab', { name: 'Queues' }).click();
  const queues = page.getByRole('region', { name: 'Queues' });
  const slider = scrubber(page);
  const seen = new Set<string>();
  for (let i = 0; i < 40; i++) {
    await slider.focus();
    await page.keyboard.press('ArrowLeft');
    await eventually(async () => Number(await slider.inputValue())).toBe(Number(await slider.getAttribute('max')) - i - 1);
    for (const text of await queues.locator('.badge').allTextContents()) seen.add(text);
    if (Number(await slider.inputValue()) === 0) break;
  }
  expect([...seen]).toEqual(expect.arrayContaining(['LISTEN', 'SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'LAST-ACK']));

  // Picking a segment shows the line that caused it, and the moment at which it was sent.
  await page.getByRole('tab', { name: 'Ladder' }).click();
  await rungs(page)
    .filter({ hasText: 'PSH' })
    .or(rungs(page).filter({ hasText: 'len 5' }))
    .first()
    .click();
  await page.locator('.line-cause').first().waitFor();
  await eventually(() => where(page)).toContain('line 8');
  expect(await rungs(page).filter({ hasText: 'line 8' }).count()).toBeGreaterThanOrEqual(2);
  await page.emulateMedia({ colorScheme: 'light' });
  await picture(page, 'scrubbing-light');
  expect(faults).toEqual([]);
  await page.close();
});

test('a script without end is held, looked into and ended', async () => {
  const { page, faults } = await experiment();
  await page.locator('.monaco-editor .view-line').first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText('const { client } = lab.twoHosts();\nfor (;;) {\n  await sleep(1);\n}\n');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await eventually(async () => Number(await scrubber(page).getAttribute('max'))).toBeGreaterThan(10);
  await page.getByRole('button', { name: 'Pause' }).last().click();
  await page.getByText('Paused', { exact: true }).waitFor();
  const there = await where(page);
  await page.waitForTimeout(200);
  expect(await where(page)).toBe(there);
  expect(there).toContain('line 3');
  await page.getByRole('button', { name: 'Step back' }).click();
  await eventually(() => where(page)).not.toBe(there);
  await page.getByRole('button', { name: 'Stop', exact: true }).last().click();
  await page.locator('[role="status"][data-outcome="error"]').waitFor();
  expect(faults).toEqual([]);
  await page.close();
});

test('two runs are compared, and the first difference is a click away', async () => {
  const { page, faults } = await experiment();
  const passed = page.locator('[role="status"][data-outcome="passed"]');
  const run = async (script: string): Promise<void> => {
    await page.locator('.monaco-editor .view-line').first().click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(script);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await passed.waitFor();
  };
  const comparison = page.getByRole('status', { name: 'Compare with the run before' });
  await run(CONVERSATION);
  await run(CONVERSATION);
  await page.getByRole('button', { name: 'Compare with the run before' }).click();
  await comparison.getByText('The same happened').waitFor();
  await run(CONVERSATION.replace("'hello'", "'good morning'"));
  await page.getByRole('button', { name: 'Compare with the run before' }).click();
  await comparison.getByText('client calls send(3, "good morning", 12, 0), at 0.03 s (line 8)').waitFor();
  await page.getByRole('button', { name: 'Show that moment' }).click();
  await eventually(() => where(page)).toContain('line 8');
  await picture(page, 'compared');
  expect(faults).toEqual([]);
  await page.close();
});
