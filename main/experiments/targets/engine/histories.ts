import type { Engine } from '../../../engine/engine.ts';
import type { TcpState } from '../../../tcp-model/states.ts';
import type { ConnectionView } from '../target.ts';

interface Life {
  readonly host: string;
  readonly local: ConnectionView['local'];
  readonly remote: ConnectionView['remote'];
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

  connectionsOf(host: string): readonly ConnectionView[] {
    return [...this.lives.values()]
      .filter((life) => life.host === host && !life.listener)
      .map(({ local, remote, history }) => ({ local, remote, state: history.at(-1)!, history }));
  }
}
