// `npm start [-- CAPTURE...]`: sets everything up, then opens the Workbench: in Electron where its binary is there or can be fetched, else
// served on 127.0.0.1 and shown in a Chromium app window; without a display it prints the address and keeps serving.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { orExplain, root, setUp } from './setup.mjs';

const FETCH_SECONDS = 90;
const RETRY_AFTER_MS = 24 * 3600 * 1000;
const say = (line) => process.stderr.write(`${line}\n`);

const hasDisplay = () => process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

function electronBinary() {
  const folder = join(root, 'node_modules', 'electron');
  const name = join(folder, 'path.txt');
  if (!existsSync(name)) return undefined;
  const binary = join(folder, 'dist', readFileSync(name, 'utf8').trim());
  return existsSync(binary) ? binary : undefined;
}

/** Fetches Electron's binary within a bounded time; a failure is remembered for a day so that the next start does not wait again. */
async function fetchElectron() {
  const failed = join(root, '.setup', 'electron-not-fetched');
  if (existsSync(failed) && Date.now() - statSync(failed).mtimeMs < RETRY_AFTER_MS) return;
  say(`  Fetching Electron (at most ${FETCH_SECONDS} s) …`);
  const child = spawn(process.execPath, [join(root, 'node_modules', 'electron', 'install.js')], { cwd: root, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('exit', resolve).on('error', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), FETCH_SECONDS * 1000);
  await ended;
  clearTimeout(timer);
  if (!electronBinary()) writeFileSync(failed, 'Remove this file to try again at the next start.\n');
}

/** Capture files to open, named from where the person stands. */
const captures = process.argv.slice(2).map((path) => resolve(process.env.INIT_CWD ?? '.', path));

const isRoot = process.getuid?.() === 0;
const children = new Set();

function start(command, args, options = {}) {
  const child = spawn(command, args, { cwd: root, ...options });
  children.add(child);
  child.on('exit', () => children.delete(child));
  child.on('error', () => children.delete(child));
  return child;
}

/** Ends everything we started: asked first, then, after two seconds, not asked. */
async function endAll() {
  const still = [...children].map((child) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of children) child.kill('SIGTERM');
  const timer = setTimeout(() => {
    for (const child of children) child.kill('SIGKILL');
  }, 2000);
  await Promise.all(still);
  clearTimeout(timer);
}

function desktop(binary) {
  const child = start(binary, [root, ...captures], { stdio: 'inherit' });
  child.on('exit', (code) => process.exit(code ?? 0));
}

const chromium = () => ['chromium', 'google-chrome', 'chromium-browser'].find((name) => spawnSync('which', [name]).status === 0);

/** A window without tabs or address bar. Nobody runs a browser as root: started by root, it runs as nobody. */
function appWindow(url) {
  const program = chromium();
  if (!program) return undefined;
  const profile = mkdtempSync(join(tmpdir(), 'tcp-workbench-window-'));
  const args = [
    `--app=${url}`,
    `--user-data-dir=${profile}`,
    '--no-first-run',
    '--disable-background-networking',
    '--window-size=1440,900',
  ];
  const asNobody = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'env', `HOME=${profile}`] : [];
  if (isRoot) spawnSync('chown', ['65534:65534', profile]);
  const [command, ...rest] = [...asNobody, program, ...args];
  const child = start(command, rest, { stdio: 'ignore' });
  child.on('exit', () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }));
  return child;
}

function served() {
  const server = start(process.execPath, [join(root, 'out', 'main', 'cli.js'), 'serve', '--json', ...captures], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  server.on('exit', async (code) => {
    await endAll();
    process.exit(code ?? 1);
  });
  server.stdout.once('data', (line) => {
    const { url } = JSON.parse(line);
    // The one line that other programs may want: progress goes to standard error, the address to standard output.
    process.stdout.write(`\nTCP Workbench: ${url}\n\n`);
    const window = hasDisplay() ? appWindow(url) : undefined;
    if (window) {
      const opened = Date.now();
      window.on('exit', async () => {
        if (Date.now() - opened < 3000)
          return say('The window closed at once; open the address above in a browser. Ctrl-C ends the Workbench.');
        await endAll();
        process.exit(0);
      });
    } else say('Open it in a browser on this machine. Ctrl-C ends the Workbench.');
  });
}

orExplain(async () => {
  const display = hasDisplay();
  await setUp([]);
  if (display && !isRoot && !electronBinary()) await fetchElectron();
  const electron = display && !isRoot ? electronBinary() : undefined;
  if (display && !electron) {
    say(
      isRoot
        ? 'Electron is not run as root; the Workbench is served on 127.0.0.1 instead.'
        : "Electron's binary is not here and could not be fetched; the Workbench is served on 127.0.0.1 instead.",
    );
    await setUp(['browser']);
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, async () => {
      await endAll();
      process.exit(signal === 'SIGINT' ? 130 : 143);
    });
  if (electron) desktop(electron);
  else served();
});
