import { ok, type Result } from '../../wire/result.ts';
import { FastOpenBit, fastOpenAllows } from '../tcp/fast-open.ts';
import { octetsOnSyn } from '../tcp/fast-open-client.ts';
import { parseEndpoint, type SocketAddress } from './address.ts';
import type { Attempt } from './attempt.ts';
import { begin, connectOutcome } from './connect.ts';
import { type Errno, fail } from './errno.ts';
import type { Socket } from './socket.ts';
import { StreamSend } from './stream-send.ts';

/** sendto() with MSG_FASTOPEN: connect() and send() in one call (RFC 7413, Linux tcp_sendmsg_fastopen). */
export function sendAndOpen(socket: Socket, octets: Uint8Array, to: SocketAddress | 'AF_UNSPEC', mayWait: boolean): Attempt<number> {
  const { host } = socket;
  let write: Attempt<number> | undefined;
  const tryOnce = (): Result<number, Errno> | undefined => {
    if (!write) {
      if (!fastOpenAllows(host, FastOpenBit.client)) return fail('EOPNOTSUPP', 'net.ipv4.tcp_fastopen does not allow it');
      if (to === 'AF_UNSPEC') return fail('EOPNOTSUPP', 'there is no address to open to');
      if (socket.connecting) {
        const outcome = connectOutcome(socket);
        if (!outcome) return fail('EALREADY', 'a connection attempt is under way');
        if (!outcome.ok) return outcome;
        write = new StreamSend(socket, octets, mayWait, []); // the handshake is over, and MSG_FASTOPEN means nothing any more
        return write.try();
      }
      if (socket.tcb) return fail('EISCONN', 'the socket is or was connected');
      const endpoint = parseEndpoint(socket, to);
      if (!endpoint.ok) return endpoint;
      const begun = begin(socket, endpoint.value, octets);
      if (!begun.ok) return begun;
      const tcb = socket.tcb!;
      const taken = octetsOnSyn(tcb);
      if (taken > 0 && !mayWait) return ok(taken);
      if (!mayWait) return fail('EINPROGRESS');
      tcb.writePending = taken === 0 || taken < octets.length;
      const rest = new StreamSend(socket, octets.subarray(taken), mayWait, []);
      write = {
        try: () => {
          const outcome = socket.connecting ? connectOutcome(socket) : ok(undefined);
          if (!outcome?.ok) return outcome;
          const result = rest.try();
          return result?.ok ? ok(taken + result.value) : result;
        },
      };
    }
    return write.try();
  };
  return { try: tryOnce };
}
