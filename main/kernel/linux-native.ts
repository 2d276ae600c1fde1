import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { getSystemErrorName } from 'node:util';

/** An open TUN interface as the native code holds it. */
export interface NativeTun {
  readonly nativeTun: unique symbol;
}

/** The functions of `native/linux/src/module.c`. A negative number is an errno; none of them blocks. */
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

/** The name of an errno that a native function gave. */
export const errnoName = (status: number): string => getSystemErrorName(status);

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
