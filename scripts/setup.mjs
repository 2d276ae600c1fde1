// All set-up, from a fresh Debian machine with Node and npm to a built Workbench. Uses nothing but Node's own modules,
// because it runs before anything is installed. Every step looks first and does nothing when there is nothing to do, so a
// second start costs a fraction of a second.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...path) => join(root, ...path);
const LOGS = at('.setup');
export const HELPER = at('native', 'capture', 'build', 'tcpwb-capture');
const LINUX_ADDON = at('native', 'linux', 'build', 'linux.node');

/** A reason to stop that the person can act on. Printed as it is, without a stack. */
export class SetupError extends Error {}

/** Debian packages by what they are for. `chromium-sandbox` lets the browser run without privileges. */
const PACKAGES = {
  build: ['gcc', 'g++', 'libc6-dev', 'make', 'python3', 'libpcap-dev'],
  browser: ['chromium', 'chromium-sandbox', 'fonts-liberation'],
  test: [
    'tcpdump',
    'tshark',
    'netcat-openbsd',
    'inetutils-telnet',
    'iproute2',
    'procps',
    'libcap2-bin',
    'util-linux',
    'fonts-noto-cjk',
    'curl',
    'iperf3',
    'openssh-client',
    'openssh-server',
  ],
};

const say = (line) => process.stderr.write(`${line}\n`);
const isRoot = () => process.getuid?.() === 0;
const has = (program) => (process.env.PATH ?? '').split(':').some((folder) => folder !== '' && existsSync(join(folder, program)));

/**
 * Runs a program with its output in a log, showing one line that it runs and how long it took. A failure shows the end of the log.
 */
async function step(title, command, args, { env = {}, fatal = true } = {}) {
  mkdirSync(LOGS, { recursive: true });
  const log = join(LOGS, `${title.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}.log`);
  const out = openSync(log, 'w');
  const started = process.hrtime.bigint();
  const terminal = process.stderr.isTTY === true;
  const seconds = () => `${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(1)} s`;
  if (terminal) process.stderr.write(`  ${title} …`);
  else say(`  ${title} …`);
  const tick = terminal ? setInterval(() => process.stderr.write(`\r  ${title} … ${seconds()} `), 500) : undefined;
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['inherit', out, out] });
  const forward = (signal) => child.kill(signal);
  process.once('SIGINT', forward).once('SIGTERM', forward);
  const status = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(signal ?? code));
  });
  process.removeListener('SIGINT', forward).removeListener('SIGTERM', forward);
  clearInterval(tick);
  closeSync(out);
  if (terminal) process.stderr.write(`\r  ${title}: ${status === 0 ? 'done' : 'failed'} in ${seconds()}      \n`);
  else say(`  ${title}: ${status === 0 ? 'done' : 'failed'} in ${seconds()}`);
  if (status === 'SIGINT' || status === 'SIGTERM') throw new SetupError('Stopped.');
  if (status !== 0 && fatal) {
    throw new SetupError(`${excerpt(readFileSync(log, 'utf8'))}\n\n${title} failed (${status}). The whole log: ${log}`);
  }
  return status === 0;
}

/** The start and the end of a log: some programs say what is wrong first, some last. */
function excerpt(text) {
  const lines = text.trimEnd().split('\n');
  return (lines.length > 30 ? [...lines.slice(0, 15), '    …', ...lines.slice(-15)] : lines).join('\n');
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(`TCP Workbench needs Node 20.19 or newer; this is ${process.versions.node}. See https://nodejs.org/en/download`);
}

/** Which of these Debian packages are not installed. */
function missing(names) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names], { encoding: 'utf8' });
  const installed = new Set((stdout ?? '').split('\n').flatMap((line) => (line.endsWith(' installed') ? [line.split(' ')[0]] : [])));
  return names.filter((name) => !installed.has(name));
}

/** What may be missing without stopping the build: a compiler that did not come from Debian serves as well. */
function needed(kinds) {
  const have = {
    gcc: has('cc') || has('gcc'),
    'g++': has('g++') || has('c++'),
    make: has('make'),
    python3: has('python3'),
    chromium: has('chromium') || has('google-chrome'),
  };
  return missing(kinds.flatMap((kind) => PACKAGES[kind])).filter((name) => !have[name]);
}

async function debianPackages(kinds) {
  const names = needed(kinds);
  if (names.length === 0) return;
  const command = `apt-get update && ${isRoot() ? '' : 'sudo '}apt-get install --yes --no-install-recommends ${names.join(' ')}`;
  const byHand = `${isRoot() ? '' : 'sudo '}${command}`;
  if (!isRoot() && !has('sudo'))
    throw new SetupError(`Debian packages are missing and this user may not install them. Ask for:\n\n    ${byHand}\n`);
  say(`Installing from Debian: ${names.join(' ')}`);
  const elevate = isRoot() ? [] : ['sudo', ...(process.stdin.isTTY ? [] : ['-n'])];
  const apt = (title, ...args) => {
    const [command, ...rest] = [...elevate, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'DPkg::Lock::Timeout=300', ...args];
    return step(title, command, rest, { fatal: false });
  };
  if (elevate.length > 0 && process.stdin.isTTY) spawnSync('sudo', ['-v'], { stdio: 'inherit' });
  await apt('Package lists', 'update');
  if (!(await apt('Debian packages', 'install', '--yes', '--no-install-recommends', ...names)))
    throw new SetupError(`Debian packages could not be installed (log: ${join(LOGS, 'debian-packages.log')}). By hand:\n\n    ${byHand}\n`);
}

/** What a person on another system has to install, precisely; Debian's own way is `debianPackages`. */
function otherSystem() {
  if (process.platform === 'win32')
    throw new SetupError(
      [
        'On Windows the capture helper runs inside WSL 2. In an administrator terminal:',
        '',
        '    wsl --install -d Debian',
        '',
        'then, in the Debian window, install Node 20.20 (https://nodejs.org/en/download) and run npm start there.',
      ].join('\n'),
    );
  if (process.platform === 'darwin' && spawnSync('xcode-select', ['-p']).status !== 0)
    throw new SetupError(
      'On macOS the capture helper needs the compiler and libpcap of the Command Line Tools. Run:\n\n    xcode-select --install\n',
    );
  if (
    process.platform === 'linux' &&
    !(has('cc') && has('make') && (existsSync('/usr/include/pcap/pcap.h') || existsSync('/usr/include/pcap.h')))
  )
    throw new SetupError(
      [
        'This Linux has no apt-get. Install a C compiler, make and the libpcap headers, then start again:',
        '',
        '    Fedora:   sudo dnf install gcc gcc-c++ make python3 libpcap-devel',
        '    Arch:     sudo pacman -S base-devel python libpcap',
        '    openSUSE: sudo zypper install gcc gcc-c++ make python3 libpcap-devel',
      ].join('\n'),
    );
}

const sha = (text) => createHash('sha256').update(text).digest('hex');
const stampOf = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** node-gyp finds Node's headers beside Node where they were installed, and only else on the network. */
function npmEnv() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? { npm_config_nodedir: prefix } : {};
}

async function nodePackages() {
  const stamp = at('node_modules', '.tcpwb-setup');
  const wanted = sha(`${process.versions.modules} ${readFileSync(at('package-lock.json'))}`);
  if (stampOf(stamp) !== wanted) {
    await step('Node packages (npm ci)', 'npm', ['ci', '--no-audit', '--no-fund'], { env: npmEnv() });
    if (!existsSync(at('node_modules', 'cap', 'build', 'Release', 'cap.node')))
      say('  The second capture backend, cap, could not be built here; the Workbench uses its own helper.');
    writeFileSync(stamp, wanted);
  }
  const link = at('node_modules', '.bin', 'tcpwb');
  if (!existsSync(link)) {
    rmSync(link, { force: true });
    symlinkSync(join('..', '..', 'bin', 'tcpwb.mjs'), link);
  }
}

/** What of the analysis is WebAssembly. */
async function ordinary() {
  const analysis = at('main', 'analysis');
  const words = readdirSync(analysis).filter((name) => name.endsWith('-words.ts'));
  const sources = [...files(join(analysis, 'ordinary')), ...words.map((name) => join(analysis, name)), at('scripts', 'ordinary.mjs')];
  const product = join(analysis, 'ordinary', 'build', 'ordinary.ts');
  if (isOlder(product, sources)) await step('Ordinary segments', process.execPath, [at('scripts', 'ordinary.mjs')]);
}

async function native() {
  await make('Capture helper', at('native', 'capture'), HELPER);
  if (process.platform === 'linux') await make('Linux kernel calls', at('native', 'linux'), LINUX_ADDON);
  if (isRoot() || process.platform !== 'linux' || !has('setcap')) return;
  const may = spawnSync('getcap', [HELPER], { encoding: 'utf8' }).stdout?.includes('cap_net_raw');
  // Without it everything but live capture works, and the window names this very command.
  if (!may && has('sudo')) spawnSync('sudo', ['-n', 'setcap', 'cap_net_raw+ep', HELPER], { stdio: 'ignore' });
}

/** Builds `product` when a source is newer. */
async function make(title, source, product) {
  const sources = [join(source, 'Makefile'), ...files(join(source, 'src'))];
  if (isOlder(product, sources)) await step(title, 'make', ['-C', source]);
}

/** It is not there, or a source is newer. */
const isOlder = (product, sources) =>
  !existsSync(product) || statSync(product).mtimeMs < Math.max(...sources.map((path) => statSync(path).mtimeMs));

/** Every source file under a folder. */
function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name === 'build') continue; // what the sources made
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

/** Everything the build reads, by name, size and time. */
function fingerprint() {
  const sources = ['main', 'preload', 'renderer', 'resources']
    .flatMap((folder) => [...files(at(folder))])
    .filter((path) => !/\.test\.tsx?$/.test(path));
  const all = [...sources, at('electron.config.ts'), at('package-lock.json')];
  return sha(all.map((path) => `${path.slice(root.length)} ${statSync(path).size} ${statSync(path).mtimeMs}`).join('\n'));
}

const BUILT = at('out', '.built');
export const isBuilt = () => existsSync(at('out', 'main', 'cli.js')) && stampOf(BUILT) === fingerprint();

async function application() {
  if (isBuilt()) return;
  const before = fingerprint();
  await step('Application', process.execPath, [
    at('node_modules', 'electron-vite', 'bin', 'electron-vite.js'),
    'build',
    '--config',
    'electron.config.ts',
  ]);
  writeFileSync(BUILT, before);
}

/** Two set-ups at once would undo each other's work; the second waits for the first. */
async function alone(work) {
  mkdirSync(LOGS, { recursive: true });
  const lock = join(LOGS, 'lock');
  for (let waited = 0; ; waited += 0.2) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch {
      if (!isAlive(Number(stampOf(lock)))) rmSync(lock, { force: true });
      else if (waited === 0) say('Another set-up is at work; waiting for it.');
      else if (waited > 900)
        throw new SetupError(`Another set-up (process ${stampOf(lock)}) has held ${lock} for 15 minutes. End it, or remove that file.`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  try {
    return await work();
  } finally {
    unlinkSync(lock);
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Brings the machine to where the Workbench runs. `kinds` says what Debian has to give beyond the build: `browser`, `test`.
 */
export async function setUp(kinds = []) {
  checkNode();
  const debian = process.platform === 'linux' && has('apt-get');
  if (!debian) otherSystem();
  await alone(async () => {
    if (debian) await debianPackages(['build', ...kinds]);
    await nodePackages();
    await native();
    await ordinary();
    await application();
  });
}

/** Runs `main`, and ends with status 2 and one clear text when set-up cannot go on. */
export function orExplain(main) {
  main().catch((error) => {
    if (!(error instanceof SetupError)) throw error;
    say(`\n${error.message}`);
    process.exit(2);
  });
}
