import type { CallFailure, CallValue } from '../targets/target.ts';
import type { SocketCall } from './calls.ts';
import type { SocketAddress } from './values.ts';

/** A call as strace would print it, and what it is waiting for when it does not come back. */

const LONGEST_DATA = 40;

export function callText(call: SocketCall): string {
  switch (call.name) {
    case 'socket':
      return `socket(${call.domain}, ${call.type}, 0)`;
    case 'socketpair':
      return `socketpair(${call.domain}, ${call.type}, 0)`;
    case 'bind':
    case 'connect':
      return `${call.name}(${call.fd}, ${call.address === 'AF_UNSPEC' ? call.address : addressText(call.address)})`;
    case 'listen':
      return `listen(${call.fd}, ${call.backlog})`;
    case 'send':
      return `send(${call.fd}, ${dataText(call.octets)}, ${call.octets.length}, ${flagsText(call.flags)})`;
    case 'sendto':
      return `sendto(${call.fd}, ${dataText(call.octets)}, ${call.octets.length}, ${flagsText(call.flags)}, ${optionalAddress(call.address)})`;
    case 'sendmsg':
      return `sendmsg(${call.fd}, [${dataText(call.buffers.join(''))}], ${flagsText(call.flags)}, ${optionalAddress(call.address)})`;
    case 'recv':
    case 'recvfrom':
      return `${call.name}(${call.fd}, ${call.length}, ${flagsText(call.flags)})`;
    case 'shutdown':
      return `shutdown(${call.fd}, ${call.how})`;
    case 'dup2':
      return `dup2(${call.fd}, ${call.other})`;
    case 'fcntl':
      return `fcntl(${call.fd}, F_SETFL, ${call.nonBlocking ? 'O_NONBLOCK' : '0'})`;
    case 'ioctl':
      return `ioctl(${call.fd}, ${call.request})`;
    case 'poll':
      return `poll([${call.entries.slice(0, 8).map(({ fd }) => fd)}], ${call.entries.length}, ${timeoutText(call.timeout)})`;
    case 'epoll_create':
      return 'epoll_create()';
    case 'epoll_ctl':
      return `epoll_ctl(${call.fd}, ${call.op}, ${call.other}, 0x${call.events.toString(16)})`;
    case 'epoll_wait':
      return `epoll_wait(${call.fd}, ${call.most}, ${timeoutText(call.timeout)})`;
    case 'unlink':
      return `unlink(${JSON.stringify(call.path)})`;
    case 'setsockopt':
      return `setsockopt(${call.fd}, ${call.level}, ${call.option}, ${optionText(call.value)})`;
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
  if (value instanceof Uint8Array) return value.length === 0 ? '0 (end of stream)' : `${value.length} ${dataText(characters(value))}`;
  if (typeof value !== 'object') return String(value);
  if ('octets' in value)
    return `${value.length} ${dataText(characters(value.octets))}${value.from ? ` from ${addressText(value.from)}` : ''}`;
  return 'address' in value ? addressText(value) : JSON.stringify(value);
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
    case 'sendto':
    case 'sendmsg':
      return 'room in the send queue, or the answer to its SYN';
    case 'recvfrom':
      return 'a message, data, or the end of the stream';
    case 'poll':
    case 'epoll_wait':
      return 'something to happen to its descriptors';
    case 'recv':
      return 'data or the end of the stream';
    default:
      return 'its turn';
  }
}

const addressText = ({ address, port }: SocketAddress): string =>
  isPath(address) ? JSON.stringify(address) : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
const flagsText = (flags: readonly string[]): string => (flags.length === 0 ? '0' : flags.join('|'));
const dataText = (octets: string): string => `${JSON.stringify(octets.slice(0, LONGEST_DATA))}${octets.length > LONGEST_DATA ? '...' : ''}`;
const characters = (octets: Uint8Array): string => String.fromCharCode(...octets.subarray(0, LONGEST_DATA + 1));
const isPath = (address: string): boolean => !/^[0-9a-f.:]+$/i.test(address);
const optionalAddress = (address: SocketAddress | undefined): string => (address ? addressText(address) : 'NULL');
const timeoutText = (timeout: number | undefined): string => (timeout === undefined ? '-1' : `${timeout * 1000}`);
const optionText = (value: Extract<SocketCall, { name: 'setsockopt' }>['value']): string =>
  typeof value === 'object' && 'octets' in value ? `[${value.octets.length} octets]` : JSON.stringify(value);
