/** A point or span of time in whole nanoseconds. Exact as a number up to 104 days. */
export type Nanos = number & { readonly unit: 'nanoseconds' };

export const nanos = (n: number): Nanos => n as Nanos;
export const micros = (n: number): Nanos => Math.round(n * 1e3) as Nanos;
export const ms = (n: number): Nanos => Math.round(n * 1e6) as Nanos;
export const seconds = (n: number): Nanos => Math.round(n * 1e9) as Nanos;

/** 1-based position of a frame in its capture, as Wireshark counts. */
export type FrameNo = number & { readonly unit: 'frame-number' };
