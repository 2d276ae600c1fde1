import type { Nanos } from '../../wire/units.ts';
import type { ExtendedError } from './error-queue.ts';

/** What recvmsg(2) tells beside the octets: ancillary data, by level and type as in struct cmsghdr. */
export type ControlMessage =
  /** SO_TIMESTAMPING; on the engine's clock. */
  | { readonly level: 'SOL_SOCKET'; readonly type: 'SCM_TIMESTAMPING'; readonly at: Nanos }
  /** When the datagram came, on the engine's clock. */
  | { readonly level: 'SOL_SOCKET'; readonly type: 'SO_TIMESTAMP'; readonly at: Nanos }
  /** What is left to read; the end of the stream counts as an octet. */
  | { readonly level: 'SOL_TCP'; readonly type: 'TCP_CM_INQ'; readonly octets: number }
  | { readonly level: 'SOL_IP'; readonly type: 'IP_RECVERR'; readonly error: ExtendedError }
  | { readonly level: 'SOL_IPV6'; readonly type: 'IPV6_RECVERR'; readonly error: ExtendedError };
