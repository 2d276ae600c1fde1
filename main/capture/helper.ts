import { execFile } from 'node:child_process';
import { err, ok, type Result } from '../wire/result.ts';
import { type CaptureError, parseErrorLine } from './capture-error.ts';
import type { CaptureSource } from './capture-source.ts';
import { openChild } from './child-capture.ts';
import { type CapturePlaces, findHelper } from './places.ts';
import type { CaptureStatistics } from './record-parser.ts';

export interface InterfaceAddress {
  readonly address: string;
  readonly prefixLength: number;
  readonly family: 'ipv4' | 'ipv6';
}

export interface InterfaceInfo {
  readonly name: string;
  readonly description: string;
  readonly addresses: readonly InterfaceAddress[];
  /** The LINKTYPE_ a capture here would have; null where that cannot be told without opening it. */
  readonly linkType: { readonly name: string; readonly number: number } | null;
  readonly up: boolean;
  readonly running: boolean;
  readonly loopback: boolean;
  readonly wireless: boolean;
  /** Whether this user may capture here; if not, why, and the command that would allow it. */
  readonly capture: { readonly allowed: boolean; readonly why?: string; readonly fix?: string };
}

export const NO_HELPER: CaptureError = {
  kind: 'no-backend',
  message: 'The capture helper (tcpwb-capture) is not built.',
  help: 'make -C native/capture (needs a C compiler and libpcap-dev), or let TCPWB_CAPTURE_HELPER name it',
};

/** Our own program, `native/capture`. */
export function helperSource(path: string): CaptureSource {
  return {
    backend: 'helper',
    open: (options, sink) => {
      const args = ['capture', '--stop-on-stdin-eof', '-i', options.interface];
      if (options.filter) args.push('-f', options.filter);
      if (options.snapLength !== undefined) args.push('-s', String(options.snapLength));
      if (options.promiscuous === false) args.push('-p');
      if (options.bufferKiB !== undefined) args.push('-B', String(options.bufferKiB));
      return openChild({ backend: 'helper', file: path, args, explain: parseErrorLine, drops }, options, sink);
    },
  };
}

function drops({ droppedByKernel, droppedByInterface }: CaptureStatistics) {
  return { ...(droppedByKernel !== undefined && { droppedByKernel }), ...(droppedByInterface !== undefined && { droppedByInterface }) };
}

/** The interfaces of this machine, as the helper sees them. */
export function listInterfaces(places: CapturePlaces = {}): Promise<Result<readonly InterfaceInfo[], CaptureError>> {
  const helper = findHelper(places);
  if (!helper) return Promise.resolve(err(NO_HELPER));
  return new Promise((resolve) => {
    execFile(helper, ['list'], { timeout: 10_000, maxBuffer: 16 << 20 }, (failure, stdout, stderr) => {
      if (failure) resolve(err(parseErrorLine(stderr) ?? { kind: 'internal', message: `${helper} list failed: ${failure.message}` }));
      else resolve(parseList(stdout, helper));
    });
  });
}

function parseList(text: string, helper: string): Result<readonly InterfaceInfo[], CaptureError> {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.every(isInterfaceInfo)) return ok(list);
  } catch {
    // said below
  }
  return err({
    kind: 'internal',
    message: `${helper} list printed something else than a list of interfaces.`,
    help: 'make -C native/capture',
  });
}

/** TCPWB_CAPTURE_HELPER may name any program, so what it prints is looked at before it is believed. */
function isInterfaceInfo(value: unknown): value is InterfaceInfo {
  const { name, addresses, capture, linkType } = (value ?? {}) as Partial<InterfaceInfo>;
  return typeof name === 'string' && Array.isArray(addresses) && typeof capture?.allowed === 'boolean' && linkType !== undefined;
}
