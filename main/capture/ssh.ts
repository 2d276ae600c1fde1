import type { CaptureError, CaptureErrorKind } from './capture-error.ts';
import type { CaptureSource, OpenOptions } from './capture-source.ts';
import { openChild } from './child-capture.ts';
import { UNTIL_INPUT_ENDS } from './until-input-ends.ts';

/** [user@]host, or a name of ~/.ssh/config. Nothing that ssh could take for an option or the shell for a command. */
const HOST = /^(?:[\w.-]+@)?[\w[][\w.:%[\]-]*$/;

/**
 * Another machine's packets, by its own dumpcap or tcpdump, through ssh. Nobody is asked for a password: the key has to be
 * known there, and the host here. `host` is as ssh takes it.
 */
export function sshSource(host: string, program = 'ssh'): CaptureSource {
  return {
    backend: 'ssh',
    open: async (options, sink) => {
      if (!HOST.test(host))
        return {
          ok: false,
          error: { kind: 'usage', message: `"${host}" is no name of a machine.`, help: 'Write it as for ssh: [USER@]HOST' },
        };
      const args = ['-T', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=8', host, remoteCommand(options)];
      const explain = (stderr: string) => explainSsh(stderr, host, options.interface);
      return openChild({ backend: 'ssh', file: program, args, explain, isRemote: true }, options, sink);
    },
  };
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/**
 * What the other machine's shell is to do. It leaves out the packets of this very ssh connection, which would otherwise be
 * captured, sent, captured... dumpcap is taken where it may capture, else tcpdump, if need be by sudo.
 */
function remoteCommand({
  interface: name,
  filter = '',
  snapLength = 262_144,
  promiscuous = true,
  bufferKiB = 16_384,
}: OpenOptions): string {
  const common = ['-i', name, '-s', String(snapLength), ...(promiscuous ? [] : ['-p']), '-w', '-'].map(quoted).join(' ');
  const dumpcap = `exec dumpcap -q -n -B ${Math.ceil(bufferKiB / 1024)} ${common} -f "$filter"`;
  const tcpdump = `tcpdump -U -n -B ${bufferKiB} ${common} "$filter"`;
  const script = `PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
set -- $SSH_CONNECTION
filter=${quoted(filter)}
[ $# -lt 4 ] || filter="\${filter:+($filter) and }not (tcp port $2 and tcp port $4 and host $1)"
if ! command -v dumpcap >/dev/null && ! command -v tcpdump >/dev/null; then echo 'tcpwb: no dumpcap, no tcpdump' >&2; exit 127; fi
if dumpcap -L -i ${quoted(name)} >/dev/null 2>&1; then program=${quoted(dumpcap)}
elif [ "$(id -u)" = 0 ] || ! sudo -n true 2>/dev/null; then program=${quoted(`exec ${tcpdump}`)}
else program=${quoted(`exec sudo -n ${tcpdump}`)}; fi
export filter
exec /bin/sh -c ${quoted(UNTIL_INPUT_ENDS)} /bin/sh -c "$program"`;
  return `exec /bin/sh -c ${quoted(script)}`; // whatever the login shell there is
}

const SAYINGS: readonly (readonly [RegExp, CaptureErrorKind, string?])[] = [
  [
    /Permission denied \(|Too many authentication failures/,
    'no-permission',
    'Let your key be known there: ssh-copy-id HOST. The Workbench never asks for a password.',
  ],
  [/Host key verification failed/, 'no-permission', 'Connect once by hand, so that its key is known here: ssh HOST'],
  [
    /Could not resolve hostname|Connection refused|Connection timed out|No route to host|Connection closed|kex_exchange/,
    'no-backend',
    'Try by hand: ssh HOST',
  ],
  [/no dumpcap, no tcpdump/, 'no-backend', 'Install one of them there: sudo apt-get install tcpdump'],
  [
    /syntax error|can't parse filter|capture filter/i,
    'bad-filter',
    'Filters are written as for tcpdump (man pcap-filter), for example: tcp port 9502',
  ],
  [/No such device|doesn't exist|no interface/i, 'no-such-interface', 'Its interfaces: ssh HOST ip -brief link'],
  [
    /permission|not permitted|password is required/i,
    'no-permission',
    'On Debian, there: sudo adduser "$USER" wireshark, with dumpcap installed',
  ],
  [/isn't up|is not up|network is down/i, 'interface-down'],
];

/** ssh, dumpcap and tcpdump all say in prose what went wrong. */
function explainSsh(stderr: string, host: string, name: string): CaptureError | undefined {
  for (const [pattern, kind, help] of SAYINGS) {
    const line = stderr.split('\n').find((each) => pattern.test(each));
    if (line) return { kind, message: `${host}, "${name}": ${line.trim()}`, ...(help && { help: help.replaceAll('HOST', host) }) };
  }
  return undefined;
}
