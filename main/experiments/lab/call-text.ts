import type { CallFailure, CallValue } from '../targets/target.ts';
import type { SocketCall } from './requests.ts';

/** A call as strace would print it, and what it is waiting for when it does not come back. */

const LONGEST_DATA = 40;

export function callText(call: SocketCall): string {
  switch (call.name) {
    case 'socket':
      return `socket(${call.domain}, ${call.type}, 0)`;
    case 'bind':
    case 'connect':
      return `${call.name}(${call.fd}, ${addressText(call.address)})`;
    case 'listen':
      return `listen(${call.fd}, ${call.backlog})`;
    case 'send':
      return `send(${call.fd}, ${dataText(call.octets)}, ${call.octets.length}, ${flagsText(call.flags)})`;
    case 'recv':
      return `recv(${call.fd}, ${call.length}, ${flagsText(call.flags)})`;
    case 'shutdown':
      return `shutdown(${call.fd}, ${call.how})`;
    case 'setsockopt':
      return `setsockopt(${call.fd}, ${call.level}, ${call.option}, ${JSON.stringify(call.value)})`;
    case 'getsockopt':
      return `getsockopt(${call.fd}, ${call.level}, ${call.option})`;
    case 'exit':
      return 'exit()';
    default:
      return `${call.name}(${call.fd})`;
  }
}

export function resultText(value: CallValue): string {
  if (value === null) return '0';
  if (value instanceof Uint8Array)
    return value.length === 0
      ? '0 (end of stream)'
      : `${value.length} ${dataText(String.fromCharCode(...value.subarray(0, LONGEST_DATA + 1)))}`;
  if (typeof value === 'object') return 'address' in value ? addressText(value) : JSON.stringify(value);
  return String(value);
}

export const failureText = ({ errno, because }: CallFailure): string => `-1 ${errno}${because ? ` (${because})` : ''}`;

/** What would have to happen for this call to return. */
export function awaits(call: SocketCall): string {
  switch (call.name) {
    case 'accept':
      return 'a connection in the accept queue';
    case 'connect':
      return 'the answer to its SYN';
    case 'send':
      return 'room in the send queue';
    case 'recv':
      return 'data or the end of the stream';
    default:
      return 'its turn';
  }
}

const addressText = ({ address, port }: { readonly address: string; readonly port: number }): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
const flagsText = (flags: readonly string[]): string => (flags.length === 0 ? '0' : flags.join('|'));
const dataText = (octets: string): string => `${JSON.stringify(octets.slice(0, LONGEST_DATA))}${octets.length > LONGEST_DATA ? '...' : ''}`;
