import { ok, type Result } from '../../wire/result.ts';
import type { Host } from '../host.ts';
import { UDP } from '../udp/protocol.ts';
import { UNIX } from '../unix/protocol.ts';
import { type Errno, fail } from './errno.ts';
import type { Protocol } from './protocol.ts';
import { type Domain, Socket, type SocketKind, type SocketType } from './socket.ts';
import { TCP_STREAM } from './stream.ts';

const kinds = (domain: Domain, stream: Protocol, datagram: Protocol): { readonly [T in SocketType]: SocketKind } => ({
  SOCK_STREAM: { domain, type: 'SOCK_STREAM', protocol: stream },
  SOCK_DGRAM: { domain, type: 'SOCK_DGRAM', protocol: datagram },
});
const KINDS: { readonly [D in Domain]: { readonly [T in SocketType]: SocketKind } } = {
  AF_INET: kinds('AF_INET', TCP_STREAM, UDP),
  AF_INET6: kinds('AF_INET6', TCP_STREAM, UDP),
  AF_UNIX: kinds('AF_UNIX', UNIX, UNIX),
};

/** socket(2). */
export function createSocket(host: Host, domain: Domain, type: SocketType): Result<Socket, Errno> {
  if (!Object.hasOwn(KINDS, domain)) return fail('EAFNOSUPPORT', `no address family "${domain}" here`);
  if (!Object.hasOwn(KINDS[domain], type)) return fail('ESOCKTNOSUPPORT', `no socket type "${type}" here`);
  const kind = KINDS[domain][type];
  const { ofStreams, ofOthers } = host.defaultSettings;
  return ok(new Socket(host, kind, kind.protocol === TCP_STREAM ? ofStreams : ofOthers));
}
