import type { Engine } from '../../../engine/engine.ts';
import type { Host } from '../../../engine/host.ts';
import type { TcpState } from '../../../tcp-model/states.ts';
import type { Connection, SocketOwner } from '../../lab/values.ts';

interface Life {
  readonly host: string;
  readonly local: Connection['local'];
  readonly remote: Connection['remote'];
  readonly listener: boolean;
  readonly history: TcpState[];
}

/** Every state of every connection and listener, from the engine's own probe; it stays after the connection is gone. */
export class Histories {
  private readonly lives = new Map<number, Life>();

  constructor(engine: Engine) {
    engine.probes.on('state', (event) => {
      const life = this.lives.get(event.connection);
      if (life) {
        life.history.push(event.to);
        return;
      }
      this.lives.set(event.connection, {
        host: event.host,
        local: { address: event.localAddress, port: event.localPort },
        remote: { address: event.remoteAddress, port: event.remotePort },
        listener: event.to === 'LISTEN' && event.from === 'CLOSED',
        history: [event.from, event.to],
      });
    });
  }

  of(connection: number): readonly TcpState[] {
    return this.lives.get(connection)?.history ?? ['CLOSED'];
  }

  connectionsOf(host: Host): readonly Connection[] {
    const owners = ownersOn(host);
    return [...this.lives]
      .filter(([, life]) => life.host === host.name && !life.listener)
      .map(([id, { local, remote, history }]) => {
        const owner = owners.get(id);
        return { local, remote, state: history.at(-1)!, history, ...(owner && { owner }) };
      });
  }
}

/** Who holds which connection, by the lowest descriptor of the oldest process. */
function ownersOn(host: Host): ReadonlyMap<number, SocketOwner> {
  const owners = new Map<number, SocketOwner>();
  for (const program of host.processes)
    for (const [fd, { tcb }] of program.descriptors()) if (tcb && !owners.has(tcb.id)) owners.set(tcb.id, { process: program.name, fd });
  return owners;
}
