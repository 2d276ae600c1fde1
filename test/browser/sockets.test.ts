import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch, openWindow, picture, startCapture, stopCapture } from '../support/browser.ts';
import { ROOT, served } from '../support/tcpwb.ts';

let door: Awaited<ReturnType<typeof served>>;
let browser: Browser;
let standing: ChildProcess;
let port: number;

/** A listener whose accept queue is full, and a connection whose reader stops: from the first line on. With the second it accepts two more. */
const PROGRAM = `
import socket, sys
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(2)
print(listener.getsockname()[1], flush=True)
sys.stdin.readline()
writer = socket.create_connection(listener.getsockname())
reader = listener.accept()[0]
waiting = [socket.create_connection(listener.getsockname()) for _ in range(3)]
writer.setblocking(False)
try:
    while True:
        writer.send(bytes(65536))
except BlockingIOError:
    pass
sys.stdin.readline()
taken = [listener.accept() for _ in range(2)]
sys.stdin.read()
`;

beforeAll(async () => {
  [door, browser] = await Promise.all([served(), launch()]);
  standing = spawn('python3', ['-c', PROGRAM], { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
  port = Number(String((await once(standing.stdout!, 'data'))[0]));
});
afterAll(async () => {
  standing.stdin!.end();
  await once(standing, 'close');
  await browser.close();
  await door.close();
});

test('the kernel’s sockets in the window: queues as they fill, and the way to the connection in a running capture and back', async () => {
  const { page, faults } = await openWindow(browser, door.url);
  const filter = `tcp port ${port}`;
  await startCapture(page, 'lo', filter);
  standing.stdin!.write('begin\n');

  await page.keyboard.press('Alt+4');
  await page.getByLabel('Find: address, port, process, user').fill(`:${port}`);
  const grid = page.getByRole('grid', { name: 'Kernel sockets' });
  const listener = grid.locator('[data-state="LISTEN"]', { hasText: `:${port}` });
  await listener.waitFor();
  expect(await listener.textContent()).toContain('python3');
  const accept = listener.getByRole('meter', { name: 'Accept queue' });
  await expect.poll(() => accept.getAttribute('aria-valuenow')).toBe('3');
  expect(await accept.getAttribute('aria-valuemax')).toBe('3');
  standing.stdin!.write('accept\n');
  await expect.poll(() => accept.getAttribute('aria-valuenow'), { timeout: 5000 }).toBe('1');

  // The writer: its send queue is as full as it gets. From here to its connection in the capture.
  const writer = grid.locator('[data-state="ESTABLISHED"]').filter({ hasText: /M/ });
  await writer.click();
  const details = page.getByRole('region', { name: 'Socket', exact: true });
  await expect.poll(() => details.getByRole('meter', { name: 'Send' }).getAttribute('aria-valuenow').then(Number)).toBeGreaterThan(500_000);
  expect(await details.textContent()).toMatch(/window probe in/);
  await picture(page, 'sockets-dark');
  const show = details.getByRole('button', { name: /^Show #\d+$/ });
  const connection = Number(((await show.textContent()) ?? '').slice('Show #'.length));
  await show.click();

  // And from the connection's queues back: both ends are sockets of this machine.
  const client = page.getByRole('region', { name: 'Client’s socket, as the kernel has it' });
  await client.waitFor();
  const server = page.getByRole('region', { name: 'Server’s socket, as the kernel has it' });
  expect(Number(await client.getByRole('meter', { name: 'Send' }).getAttribute('aria-valuenow'))).toBeGreaterThan(500_000);
  expect(Number(await server.getByRole('meter', { name: 'Receive' }).getAttribute('aria-valuenow'))).toBeGreaterThan(30_000);
  const listening = page.getByRole('region', { name: 'Listener, as the kernel has it' }).getByRole('meter', { name: 'Accept queue' });
  expect([await listening.getAttribute('aria-valuenow'), await listening.getAttribute('aria-valuemax')]).toEqual(['1', '3']);
  await server.getByRole('button', { name: 'Among all sockets' }).click();
  const shown = grid.locator('[aria-selected="true"]');
  await expect.poll(() => shown.textContent()).toMatch(new RegExp(`Show #${connection}$`));
  expect(await shown.textContent()).toContain(`:${port}`);

  // Only the states chosen.
  await page.getByRole('button', { name: /^LISTEN \d+$/ }).click();
  await expect
    .poll(() => grid.locator('[data-socket]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-state'))))
    .toEqual(['LISTEN']);
  await stopCapture(page, filter);
  expect(faults).toEqual([]);
  await page.close();
});
