import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';

/** An open TUN interface as the native code holds it. */
export interface NativeTun {
  readonly nativeTun: unique symbol;
}

/** An open socket as the native code holds it; nothing of this program's own descriptors can be passed off as one. */
export interface NativeSocket {
  readonly nativeSocket: unique symbol;
}

/** A set of sockets that is watched. */
export interface NativeReady {
  readonly nativeReady: unique symbol;
}

/** The functions of `native/linux/src/module.c` and `socket-door.c`. A negative number is an errno; none of them blocks. */
export interface LinuxNative {
  tunOpen(name: string): NativeTun | number;
  tunName(tun: NativeTun): string;
  /** Calls once when there is something to read or the interface is gone, and again after each `tunArm`. */
  tunWatch(tun: NativeTun, onReadable: () => void): number;
  tunArm(tun: NativeTun): number;
  /** Packets read; they lie back to back in `octets`. */
  tunRead(tun: NativeTun, octets: Uint8Array, lengths: Uint32Array): number;
  /** Packets the kernel took of the `count` that lie back to back in `octets`. */
  tunWrite(tun: NativeTun, octets: Uint8Array, lengths: Uint32Array, count: number): number;
  tunClose(tun: NativeTun): number;
  linkUp(name: string, mtu: number, queueLength: number): number;
  linkAddAddress(name: string, octets: Uint8Array, prefixLength: number): number;
  linkAddRoute(name: string, octets: Uint8Array, prefixLength: number): number;
  socketOpen(domain: number, type: number): NativeSocket | number;
  /** A socket to the kernel itself (netlink(7)); `socketSend` and `socketReceive` take it. */
  netlinkOpen(protocol: number): NativeSocket | number;
  socketAccept(socket: NativeSocket): NativeSocket | number;
  socketBind(socket: NativeSocket, octets: Uint8Array, port: number): number;
  /** Without octets it takes the connection apart. */
  socketConnect(socket: NativeSocket, octets: Uint8Array, port: number): number;
  socketListen(socket: NativeSocket, backlog: number): number;
  socketShutdown(socket: NativeSocket, how: number): number;
  socketPoll(socket: NativeSocket, events: number): number;
  socketQueue(socket: NativeSocket, request: number): number;
  socketSend(socket: NativeSocket, data: Uint8Array, flags: number, octets: Uint8Array, port: number): number;
  /** `from` holds the port in two octets and then the address. */
  socketReceive(socket: NativeSocket, data: Uint8Array, flags: number, from: Uint8Array): number;
  /** Gives the length of the address; `out` as in `socketReceive`. */
  socketName(socket: NativeSocket, ofPeer: boolean, out: Uint8Array): number;
  socketSetOption(socket: NativeSocket, level: number, name: number, value: Uint8Array): number;
  /** Gives the length of the value. */
  socketGetOption(socket: NativeSocket, level: number, name: number, value: Uint8Array): number;
  socketClose(socket: NativeSocket): number;
  /** Calls once when something has changed about a socket of the set, and again after each `readyArm`. */
  readyOpen(onReady: () => void): NativeReady | number;
  readyAdd(set: NativeReady, socket: NativeSocket): number;
  readyArm(set: NativeReady): number;
  readyClose(set: NativeReady): number;
}

/** A call on the kernel that did not go through: its errno's name as Linux spells it, or why there is no native code at all. */
export interface KernelError {
  readonly kind: 'not-linux' | 'not-built' | 'no-permission' | 'no-driver' | 'name-taken' | 'bad-name' | 'refused' | 'gone';
  readonly message: string;
  /** What to do about it, where that is known. */
  readonly help?: string;
}

export type KernelResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: KernelError };

export const kernelError = (
  kind: KernelError['kind'],
  message: string,
  help?: string,
): { readonly ok: false; readonly error: KernelError } => ({
  ok: false,
  error: { kind, message, ...(help !== undefined && { help }) },
});

/** Linux has two names for some numbers, and prints these. */
const PREFERRED = ['EAGAIN', 'EOPNOTSUPP'];
const ERRNO_NAMES = new Map(
  Object.entries(constants.errno).flatMap(([name, number]): [number, string][] =>
    PREFERRED.some((one) => one !== name && constants.errno[one as 'EAGAIN'] === number) ? [] : [[number, name]],
  ),
);

/** The name of an errno that a native function gave, negative. */
export const errnoName = (status: number): string => ERRNO_NAMES.get(-status) ?? `errno ${-status}`;

const ADDON = join('native', 'linux', 'build', 'linux.node');

/** Where the native code may be. Everything has a default that fits a checkout. */
export interface NativePlaces {
  readonly platform?: NodeJS.Platform;
  /** Electron's `process.resourcesPath` of a packaged app. */
  readonly resourcesPath?: string;
  /** Any folder within the project; that of this module, unless given. */
  readonly within?: string;
}

/** Loads the native code for Linux: the app's own, or that of the nearest folder above which has it. */
export function loadLinuxNative({
  platform = process.platform,
  resourcesPath,
  within = import.meta.dirname,
}: NativePlaces = {}): KernelResult<LinuxNative> {
  if (platform !== 'linux')
    return kernelError(
      'not-linux',
      `This needs the Linux kernel; this is ${platform}.`,
      'Run it on Linux, in a virtual machine or in WSL 2.',
    );
  const path = find(resourcesPath, within);
  if (path === undefined) return kernelError('not-built', `The native code ${ADDON} is missing.`, 'Build it: make -C native/linux');
  try {
    return { ok: true, value: createRequire(import.meta.url)(path) as LinuxNative };
  } catch (cause) {
    return kernelError(
      'not-built',
      `The native code cannot be loaded: ${(cause as Error).message}.`,
      'Build it anew: make -C native/linux clean all',
    );
  }
}

function find(resourcesPath: string | undefined, within: string): string | undefined {
  if (resourcesPath !== undefined && existsSync(join(resourcesPath, ADDON))) return join(resourcesPath, ADDON);
  for (let folder = within; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ADDON))) return join(folder, ADDON);
    if (folder === dirname(folder)) return undefined;
  }
}
