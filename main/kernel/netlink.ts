import { errnoName, type KernelResult, kernelError, type LinuxNative, type NativeSocket } from './linux-native.ts';
import { Turns } from './turns.ts';

/** One message of netlink(7). Its body is a view of what was received. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly body: Uint8Array;
}

/** Octets of struct nlmsghdr, and of struct nlattr. */
const HEAD = 16;
const ATTRIBUTE_HEAD = 4;
const REQUEST = 0x1;
const DUMP = 0x300;
/** NLM_F_DUMP_INTR: what is listed changed while it was listed. */
const INTERRUPTED = 0x10;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
/** Bits of an attribute's type that are no part of its number (NLA_F_NESTED, NLA_F_NET_BYTEORDER). */
const ATTRIBUTE_TYPE = 0x3fff;
/** The kernel fills as much as is read at once, up to this. */
const ROOM = 32 * 1024;
const MSG_TRUNC = 0x20;

const aligned = (length: number): number => (length + 3) & ~3;

/** Hands on every message in `octets`, in order. False where they end within a message, or a length cannot be. */
export function eachMessage(octets: Uint8Array, hand: (message: NetlinkMessage) => void): boolean {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  let at = 0;
  while (at + HEAD <= octets.length) {
    const length = view.getUint32(at, true);
    if (length < HEAD || length > octets.length - at) return false;
    hand({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      body: octets.subarray(at + HEAD, at + length),
    });
    at += aligned(length);
  }
  return at >= octets.length;
}

/** Hands on every attribute of `body` from an octet on: its type and its value. False where one is cut off. */
export function eachAttribute(body: Uint8Array, from: number, hand: (type: number, value: Uint8Array) => void): boolean {
  let at = from;
  while (at + ATTRIBUTE_HEAD <= body.length) {
    const length = body[at]! | (body[at + 1]! << 8);
    if (length < ATTRIBUTE_HEAD || length > body.length - at) return false;
    hand((body[at + 2]! | (body[at + 3]! << 8)) & ATTRIBUTE_TYPE, body.subarray(at + ATTRIBUTE_HEAD, at + length));
    at += aligned(length);
  }
  return at >= body.length;
}

/** How a dump went: whole, or with parts of it missing. */
export interface Dumped {
  /** The kernel said that what it lists changed meanwhile. */
  readonly interrupted: boolean;
  /** Something of the answer could not be read as messages. */
  readonly malformed: boolean;
}

/** The kernel's errno by name, of a request it refused. */
export type DumpResult = { readonly ok: true; readonly value: Dumped } | { readonly ok: false; readonly errno: string };

/** A socket to one netlink protocol of the kernel; one dump at a time. */
export class Netlink {
  readonly #native: LinuxNative;
  readonly #socket: NativeSocket;
  #sequence = 0;

  private constructor(native: LinuxNative, socket: NativeSocket) {
    this.#native = native;
    this.#socket = socket;
  }

  /** The errno by name where the kernel has no such protocol, or does not let this program use it. */
  static open(native: LinuxNative, protocol: number): KernelResult<Netlink> {
    if (typeof native.netlinkOpen !== 'function')
      return kernelError('not-built', 'The native code is older than this program.', 'Build it anew: make -C native/linux clean all');
    const socket = native.netlinkOpen(protocol);
    return typeof socket === 'number' ? kernelError('refused', errnoName(socket)) : { ok: true, value: new Netlink(native, socket) };
  }

  /** Asks for everything of a kind; hands on each message of the answer, whose body lasts as long as whoever holds it. */
  async dump(type: number, body: Uint8Array, hand: (message: NetlinkMessage) => void): Promise<DumpResult> {
    const sequence = ++this.#sequence;
    const sent = this.#native.socketSend(this.#socket, request(type, sequence, body), 0, NO_ADDRESS, 0);
    if (sent < 0) return { ok: false, errno: errnoName(sent) };
    let end: DumpResult | undefined;
    let [interrupted, malformed] = [false, false];
    const take = (message: NetlinkMessage): void => {
      if (message.sequence !== sequence || end) return; // what is left of an earlier answer
      if ((message.flags & INTERRUPTED) !== 0) interrupted = true;
      if (message.type !== NLMSG_ERROR && message.type !== NLMSG_DONE) {
        hand(message);
        return;
      }
      const status = statusOf(message.body);
      end = status < 0 ? { ok: false, errno: errnoName(status) } : { ok: true, value: { interrupted, malformed } };
    };
    for (const turns = new Turns(); ; await turns.pass()) {
      const octets = new Uint8Array(ROOM);
      // Never waits: the first piece of an answer is there before the request's call returns, and each next one before its reader's does.
      const length = this.#native.socketReceive(this.#socket, octets, MSG_TRUNC, new Uint8Array(END_ROOM));
      if (length < 0) return { ok: false, errno: errnoName(length) };
      malformed = !eachMessage(octets.subarray(0, Math.min(length, ROOM)), take) || length > ROOM || malformed;
      if (end) return end.ok ? { ok: true, value: { interrupted, malformed } } : end;
    }
  }

  /** Idempotent. */
  close(): void {
    this.#native.socketClose(this.#socket);
  }
}

const END_ROOM = 18;
const NO_ADDRESS = new Uint8Array(0);

function request(type: number, sequence: number, body: Uint8Array): Uint8Array {
  const octets = new Uint8Array(HEAD + body.length);
  const view = new DataView(octets.buffer);
  view.setUint32(0, octets.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, REQUEST | DUMP, true);
  view.setUint32(8, sequence, true);
  octets.set(body, HEAD);
  return octets;
}

/** NLMSG_ERROR begins with the errno, negative; NLMSG_DONE may. */
const statusOf = (body: Uint8Array): number =>
  body.length < 4 ? 0 : new DataView(body.buffer, body.byteOffset, body.byteLength).getInt32(0, true);
