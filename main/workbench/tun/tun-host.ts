import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkbenchError } from '../../../preload/contract.ts';
import type { CounterName } from '../../engine/counters.ts';
import { Engine } from '../../engine/engine.ts';
import type { Host } from '../../engine/host.ts';
import type { Cable, CableSettings } from '../../engine/network/cable.ts';
import { echoServer } from '../../engine/programs/echo-server.ts';
import type { ConnectionSnapshot, HostSnapshot } from '../../engine/snapshot.ts';
import type { SocketAddress } from '../../engine/sockets/address.ts';
import type { Errno } from '../../engine/sockets/errno.ts';
import { Tun } from '../../kernel/tun.ts';
import { ipAddressBytes } from '../../wire/ip-address.ts';
import { err, ok, type Result } from '../../wire/result.ts';
import { ms } from '../../wire/units.ts';
import { relay, talk } from './programs.ts';
import { RealTime } from './real-time.ts';
import { openRecording, type Recording } from './recording.ts';
import { type Ends, readEnds } from './subnet.ts';
import { type PlugCounters, TunPlug } from './tun-plug.ts';

export interface TunHostOptions {
  /** The TUN interface; "tun%d" takes the next free number. */
  readonly name: string;
  /** The engine host's own addresses, with prefix length; the kernel takes another of each subnet. */
  readonly addresses: readonly string[];
  readonly seed: number;
  /** The cable between the host and the interface: its MTU is the interface's too, probabilities are from 0 to 1. */
  readonly cable: Pick<CableSettings, 'mtu' | 'loss' | 'reordering' | 'duplication'> & { readonly delayMs: number };
  /** A pcapng file for every packet as the host sees it. */
  readonly write?: string;
}

type Left = Pick<ConnectionSnapshot, 'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort' | 'state'>;

/** What a host on a TUN interface has done, told when it closes. */
export interface TunSummary {
  readonly packets: PlugCounters & { readonly refusedByKernel: number; readonly notRecorded: number };
  /** Connections that a program had open when the host was told to close: they were reset. */
  readonly reset: readonly Left[];
  /** Connections that had been closed and did not come to their end in the time that was left. */
  readonly unfinished: readonly Left[];
  readonly counters: Readonly<Record<CounterName, number>>;
}

const BACKLOG = 4096;
/** What is still closing when the host is told to end gets that long. */
const GRACE_MS = 1000;
const GRACE_STEP_MS = 10;

/** An engine host whose cable ends in a TUN interface: real programs talk to it, in real time. */
export class TunHost {
  readonly ends: readonly Ends[];
  /** Resolves when the interface is deleted. */
  readonly lost: Promise<WorkbenchError>;
  private readonly host: Host;
  private readonly cable: Cable;
  private readonly plug: TunPlug;
  private readonly time: RealTime;
  private readonly engine: Engine;
  private tun!: Tun;
  private recording: Recording | undefined;
  private stopTap: (() => void) | undefined;
  private onLost: (error: WorkbenchError) => void = () => {};

  /** Makes the interface and plugs the host in. */
  static async open(options: TunHostOptions): Promise<Result<TunHost, WorkbenchError>> {
    const ends: Ends[] = [];
    for (const cidr of options.addresses) {
      const read = readEnds(cidr);
      if (!read.ok) return err({ kind: 'bad-address', message: read.error });
      ends.push(read.value);
    }
    const host = new TunHost(options, ends);
    const plugged = host.plugIn(options.name);
    if (!plugged.ok) return plugged;
    if (options.write !== undefined) {
      const recording = await openRecording(options.write, host.name);
      if (!recording.ok) {
        await host.close();
        return recording;
      }
      host.record(recording.value);
    }
    return ok(host);
  }

  private constructor({ seed, cable, addresses }: TunHostOptions, ends: readonly Ends[]) {
    this.ends = ends;
    this.engine = new Engine({ seed });
    this.host = this.engine.host({ name: 'engine', addresses });
    this.plug = new TunPlug('kernel', (octets, lengths, count) => this.tun.write(octets, lengths, count));
    const { delayMs, ...settings } = cable;
    this.cable = this.engine.cable(this.host, this.plug, { ...settings, delay: ms(delayMs) });
    this.time = new RealTime(this.engine, () => this.plug.flush());
    this.lost = new Promise((resolve) => {
      this.onLost = resolve;
    });
  }

  private plugIn(name: string): Result<void, WorkbenchError> {
    const opened = Tun.open(
      {
        name,
        mtu: this.cable.settings.mtu,
        addresses: this.ends.flatMap(({ kernel, prefixLength }) => (kernel ? [{ octets: ipAddressBytes(kernel), prefixLength }] : [])),
        routes: this.ends.flatMap(({ engine, kernel, prefixLength }) => (kernel ? [] : [{ octets: ipAddressBytes(engine), prefixLength }])),
      },
      { onWaiting: () => this.time.act(() => this.tun.read(this.takePackets)), onLost: this.onLost },
    );
    if (!opened.ok) return opened;
    this.tun = opened.value;
    return ok(undefined);
  }

  private record(recording: Recording): void {
    this.recording = recording;
    this.stopTap = this.engine.tap(this.cable, (batch) => recording.add(batch), { at: this.host, epochSeconds: this.time.epochSeconds });
  }

  /** The interface's name, as the kernel gave it. */
  get name(): string {
    return this.tun.name;
  }

  private readonly takePackets = (octets: Uint8Array, lengths: Uint32Array, count: number): void => {
    let at = 0;
    for (let i = 0; i < count; i++) {
      const end = at + lengths[i]!;
      const packet = this.plug.read(octets.subarray(at, end));
      if (packet) this.cable.transmit(this.plug, packet);
      at = end;
    }
  };

  /** Listens on every address of the host and sends back whatever comes. */
  echo(port: number): Result<void, WorkbenchError> {
    return this.eachAddress(`listen on port ${port}`, (address, ready) =>
      echoServer(this.host.process('echo-server'), { address, port, backlog: BACKLOG }, ready),
    );
  }

  /** Listens on every address of the host and connects each client to a server elsewhere. */
  relay(port: number, to: SocketAddress): Result<void, WorkbenchError> {
    return this.eachAddress(`listen on port ${port}`, (address, ready) =>
      relay(this.host.process('relay'), { address, port }, to, BACKLOG, ready),
    );
  }

  /** A client: see `talk`. */
  async talk(to: SocketAddress, input: Readable, output: Writable): Promise<Result<void, WorkbenchError>> {
    const talked = await talk(this.host.process('client'), to, (action) => this.time.act(action), input, output);
    return talked.ok ? talked : err(errnoError(`The connection to ${to.address} port ${to.port}`, talked.error));
  }

  private eachAddress(
    what: string,
    start: (address: string, ready: (result: Result<void, Errno>) => void) => void,
  ): Result<void, WorkbenchError> {
    let outcome: Result<void, WorkbenchError> = ok(undefined);
    this.time.act(() => {
      for (const { engine } of this.ends)
        start(engine, (ready) => {
          if (!ready.ok) outcome = err(errnoError(`Cannot ${what}`, ready.error));
        });
    });
    return outcome;
  }

  /**
   * Ends everything: open connections are reset, so that the kernel's ends are not left waiting for an interface that is
   * gone; those that are closing get a moment to finish.
   */
  async close(): Promise<Result<TunSummary, WorkbenchError>> {
    const open = this.snapshot().connections.filter(({ owner }) => owner);
    this.time.act(() => this.reset());
    await this.settle();
    this.time.stop();
    this.tun.close();
    this.stopTap?.();
    const { connections, counters } = this.snapshot();
    const missed = this.recording?.missed ?? 0;
    const recorded = await this.recording?.close();
    if (recorded && !recorded.ok) return recorded;
    return ok({
      packets: { ...this.plug.counters(), refusedByKernel: this.tun.refused, notRecorded: missed },
      reset: open.map(leftOf),
      unfinished: connections.map(leftOf),
      counters,
    });
  }

  private snapshot(): HostSnapshot {
    return this.engine.snapshot().hosts[0]!;
  }

  private reset(): void {
    for (const program of this.host.processes)
      for (const [fd] of program.descriptors()) {
        program.setsockopt(fd, 'SO_LINGER', { on: true, seconds: 0 }, () => {});
        program.close(fd, () => {});
      }
  }

  /** What is under way arrives; what is closing finishes. Over a bad cable our last ACK may have to be said again, from TIME-WAIT. */
  private async settle(): Promise<void> {
    const { delay, jitter, reordering, reorderBy, loss } = this.cable.settings;
    await sleep(Math.ceil((delay + jitter + (reordering > 0 ? reorderBy : 0)) / 1e6));
    for (let waited = 0; waited < GRACE_MS; waited += GRACE_STEP_MS) {
      const { connections, timeWait } = this.snapshot();
      if (connections.length === 0 && (timeWait.length === 0 || loss === 0)) return;
      await sleep(GRACE_STEP_MS);
    }
  }
}

const leftOf = ({ localAddress, localPort, remoteAddress, remotePort, state }: ConnectionSnapshot): Left => ({
  localAddress,
  localPort,
  remoteAddress,
  remotePort,
  state,
});

const errnoError = (what: string, { errno, because }: Errno): WorkbenchError => ({
  kind: errno,
  message: `${what}: ${errno}${because === undefined ? '' : `, ${because}`}.`,
});
