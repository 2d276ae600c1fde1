import { ipAddressAt } from '../../wire/ip-address.ts';
import { type Connection, Life } from '../connection-store.ts';
import type { Endpoint } from '../record.ts';

/** One endpoint of a connection as people write it. */
export function endpointOf(connection: Connection, second: boolean): Endpoint {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 4; i++) view.setInt32(4 * i, connection.address(second, i));
  return { address: ipAddressAt(bytes, 0, connection.has(Life.IPV6) ? 6 : 4), port: connection.port(second) };
}
