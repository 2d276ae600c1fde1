import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { resolve } from 'node:path';

/** The capture helper, built if it is not. */
export function builtHelper(): string {
  execFileSync('make', ['-s', '-C', 'native/capture'], { stdio: ['ignore', 'ignore', 'inherit'] });
  return resolve('native/capture/build/tcpwb-capture');
}

/** Sends datagrams over the loopback interface to a port where nobody listens. Resolves when the kernel has them all. */
export async function sendDatagrams(port: number, texts: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const text of texts)
    await new Promise<void>((sent, failed) => socket.send(text, port, '127.0.0.1', (e) => (e ? failed(e) : sent())));
  await new Promise<void>((closed) => socket.close(closed));
}

/** What a datagram captured on the loopback interface carries: behind Ethernet (14), IPv4 (20) and UDP (8). */
export const payloadOf = (octets: Uint8Array): string => Buffer.from(octets.subarray(42)).toString();

/** Looks again until it is so; a test that waits in vain fails by its own time limit. */
export async function until(so: () => boolean): Promise<void> {
  while (!so()) await new Promise((again) => setTimeout(again, 5));
}

/** A pair of virtual interfaces, up. Deleting one deletes both. */
export function vethPair(name: string): { remove(): void } {
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}p`);
  ip('link', 'set', name, 'up');
  ip('link', 'set', `${name}p`, 'up');
  let there = true;
  return {
    remove: () => {
      if (there) ip('link', 'del', name);
      there = false;
    },
  };
}
