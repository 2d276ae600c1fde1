import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** A real sshd on the loopback interface, with keys of its own, that stands for another machine. */
export interface SshServer {
  /** Holds `ssh`, which knows this server by the names `elsewhere`, `unwelcome` (its key is not) and `unknown` (this host is). */
  readonly folder: string;
  readonly port: number;
  stop(): void;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

export async function sshServer(): Promise<SshServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tcpwb-ssh-'));
  const at = (name: string) => join(folder, name);
  for (const key of ['host', 'user', 'stranger'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(key)], { stdio: 'ignore' });
  const port = await freePort();
  writeFileSync(at('authorized_keys'), readFileSync(at('user.pub')), { mode: 0o600 });
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${readFileSync(at('host.pub'), 'utf8')}`);
  const isRoot = userInfo().uid === 0;
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized_keys')}`,
    'StrictModes no',
    'PidFile none',
    `UsePAM ${isRoot ? 'yes' : 'no'}`, // without it sshd refuses a root whose password is locked
  ];
  writeFileSync(at('sshd_config'), settings.join('\n'));
  const machine = (name: string, known: string, key: string) =>
    `Host ${name}\n HostName 127.0.0.1\n Port ${port}\n User ${userInfo().username}\n IdentitiesOnly yes\n IdentityFile ${at(key)}\n UserKnownHostsFile ${at(known)}\n`;
  writeFileSync(
    at('config'),
    machine('elsewhere', 'known_hosts', 'user') + machine('unwelcome', 'known_hosts', 'stranger') + machine('unknown', 'nobody', 'user'),
  );
  writeFileSync(at('ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${at('config')} "$@"\n`);
  chmodSync(at('ssh'), 0o755);
  if (isRoot) mkdirSync('/run/sshd', { recursive: true });
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', at('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise<void>((listening) => {
    server.stderr.on('data', (text: Buffer) => text.includes('listening') && listening());
  });
  return {
    folder,
    port,
    stop: () => {
      server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
