import type { CaptureError, CaptureErrorKind } from './capture-error.ts';
import type { CaptureSource } from './capture-source.ts';
import { openChild } from './child-capture.ts';
import { UNTIL_INPUT_ENDS } from './until-input-ends.ts';

/** Wireshark's capture program, for those whose system already lets them use it. */
export function dumpcapSource(path: string): CaptureSource {
  return {
    backend: 'dumpcap',
    open: (options, sink) => {
      const args = ['-c', UNTIL_INPUT_ENDS, path, '-q', '-n', '-i', options.interface, '-w', '-'];
      if (options.filter) args.push('-f', options.filter);
      if (options.snapLength !== undefined) args.push('-s', String(options.snapLength));
      if (options.promiscuous === false) args.push('-p');
      args.push('-B', String(Math.max(1, Math.ceil((options.bufferKiB ?? 16_384) / 1024))));
      const explain = (stderr: string) => explainDumpcap(stderr, options.interface);
      // What dumpcap calls dropped by the interface is what libpcap calls dropped by the kernel.
      const drops = ({ droppedByInterface }: { droppedByInterface?: number }) =>
        droppedByInterface === undefined ? {} : { droppedByKernel: droppedByInterface };
      return openChild({ backend: 'dumpcap', file: '/bin/sh', args, explain, drops }, options, sink);
    },
  };
}

const SAYINGS: readonly (readonly [RegExp, CaptureErrorKind, string?])[] = [
  [
    /capture filter|not a valid|can't parse filter/i,
    'bad-filter',
    'Filters are written as for tcpdump (man pcap-filter), for example: tcp port 9502',
  ],
  [/permission|not permitted/i, 'no-permission', 'sudo dpkg-reconfigure wireshark-common && sudo usermod -aG wireshark "$USER"'],
  [/no such device|no interface|doesn't exist/i, 'no-such-interface'],
  [/isn't up|is not up|network is down|that interface is down/i, 'interface-down'],
  [/no longer running|no longer attached|disappeared/i, 'interface-lost'],
];

/** dumpcap says what went wrong in prose. */
function explainDumpcap(stderr: string, name: string): CaptureError | undefined {
  for (const [pattern, kind, help] of SAYINGS) {
    const line = stderr.split('\n').find((each) => pattern.test(each));
    if (line) return { kind, message: `dumpcap on "${name}": ${line.trim().replace(/^dumpcap: /, '')}`, ...(help && { help }) };
  }
  return undefined;
}
