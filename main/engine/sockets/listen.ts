import { ok, type Result } from '../../wire/result.ts';
import { Listener } from '../tcp/listener.ts';
import { setState } from '../tcp/state.ts';
import { anyAddress } from './address.ts';
import { hold } from './bind.ts';
import { type Errno, fail } from './errno.ts';
import type { Socket } from './socket.ts';

/** listen(2): passive OPEN (RFC 9293 §3.10.1). A second call only changes the backlog. */
export function listen(socket: Socket, backlog: number): Result<void, Errno> {
  if (socket.tcb) return fail('EINVAL', 'the socket is connected or connecting');
  const { host } = socket;
  const most = host.sysctls.now['net.core.somaxconn'];
  // Linux takes the number for unsigned: a negative backlog is as large as allowed.
  const limit = backlog < 0 ? most : Math.min(Math.floor(backlog), most);
  if (socket.listener) {
    socket.listener.limit = limit;
    return ok(undefined);
  }
  if (!socket.binding) {
    const held = hold(socket, { address: anyAddress(socket.domain), port: 0 });
    if (!held.ok) return held;
  }
  const binding = socket.binding!;
  if (!host.ports.mayListen(binding)) return fail('EADDRINUSE', `another socket listens on port ${binding.port}`);
  const { address, port } = binding;
  const listener = new Listener(host, address, port, host.unspecified(address), socket.settings, limit);
  listener.holder = socket;
  socket.listener = listener;
  setState(listener, 'LISTEN', 'passive-open');
  host.connections.addListener(listener);
  return ok(undefined);
}
