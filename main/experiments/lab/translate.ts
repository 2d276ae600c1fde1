import type { CallFailure, CallValue, LinkSettings } from '../targets/target.ts';

/** Between a script's seconds and texts and a target's nanoseconds and octets. */

export const nanoseconds = (seconds: number): number => Math.round(seconds * 1e9);
export const inSeconds = (time: number): number => time / 1e9;

export function callValue(result: CallValue): unknown {
  if (result === null) return undefined;
  if (result instanceof Uint8Array) return Buffer.from(result).toString('latin1');
  if (typeof result !== 'object' || !('octets' in result)) return result;
  return { ...result, octets: Buffer.from(result.octets).toString('latin1') };
}

export const systemError = (syscall: string, { errno, because }: CallFailure) => ({
  errno,
  syscall,
  message: `${syscall}: ${errno}${because ? ` (${because})` : ''}`,
});

/** Without what was left out. */
export const given = <T extends object>(settings: T) =>
  Object.fromEntries(Object.entries(settings).filter(([, amount]) => amount !== undefined)) as {
    readonly [K in keyof T]?: Exclude<T[K], undefined>;
  };

/** Spans of a link's settings, from the script's seconds. */
export function inNanoseconds(settings: { readonly [key in keyof LinkSettings]?: number | undefined }): LinkSettings {
  const { delay, jitter, reorderBy, ...rest } = settings;
  return given({
    ...rest,
    ...(delay !== undefined && { delay: nanoseconds(delay) }),
    ...(jitter !== undefined && { jitter: nanoseconds(jitter) }),
    ...(reorderBy !== undefined && { reorderBy: nanoseconds(reorderBy) }),
  });
}

export const forScript = <T extends { readonly time: number }>(one: T): T => ({ ...one, time: inSeconds(one.time) });
