import { ipAddressAt } from '../../wire/ip-address.ts';
import { type Connection, Life } from '../connection-store.ts';
import type { Endpoint } from '../record.ts';

/** Where addresses are laid out to be written. */
const octets = new Uint8Array(16);
const words = new DataView(octets.buffer);

/** One endpoint of a connection as people write it. */
export function endpointOf(connection: Connection, second: boolean): Endpoint {
  const version = connection.has(Life.IPV6) ? 6 : 4;
  for (let i = 0; i < (version === 6 ? 4 : 1); i++) words.setInt32(4 * i, connection.address(second, i));
  return { address: ipAddressAt(octets, 0, version), port: connection.port(second) };
}
