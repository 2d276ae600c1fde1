import { isTcb } from '../../engine/connection-table.ts';
import type { Tcb } from '../../engine/tcp/tcb.ts';
import type { Nanos } from '../../wire/units.ts';
import type { CallContext, Outcome } from './call.ts';
import { makeCall } from './calls.ts';
import { checkOutcome } from './check-outcome.ts';
import { ScriptSocket } from './connection.ts';
import { PATIENCE } from './packets-out.ts';
import type { CallAction } from './script.ts';
import { CLOSED_INFO, infoOf } from './tcp-info.ts';
import type { TestBed } from './test-bed.ts';
import { checkTime, inSeconds } from './timing.ts';
import { numberIn } from './values.ts';
import { Miss } from './verdict.ts';

/** A call that the script says will wait. */
interface Waiting {
  readonly call: CallAction;
  readonly ends: Nanos;
  readonly since: Nanos;
  outcome: { readonly it: Outcome; readonly at: Nanos } | undefined;
}

/** Calls whose result is a descriptor: which one is for the host to choose. */
const OPENS = new Set(['socket', 'accept', 'epoll_create']);
/** Calls that may send the SYN. */
const CONNECTS = new Set(['connect', 'sendto', 'sendmsg']);

/** The program under test: it makes the script's calls, one after the other. */
export class ScriptProgram {
  private readonly bed: TestBed;
  /** The live descriptor of each of the script's. */
  private readonly descriptors = new Map<number, number>();
  private readonly context: CallContext;
  private waiting: Waiting | undefined;

  constructor(bed: TestBed) {
    this.bed = bed;
    const { local, remote, version, bindPort, connectPort } = bed.settings;
    this.context = {
      program: bed.program,
      domain: version === '4' ? 'AF_INET' : 'AF_INET6',
      local: { address: local, port: bindPort },
      remote: { address: remote, port: connectPort },
      live: (fd) => this.descriptors.get(fd) ?? fd,
    };
    bed.stepped = () => this.checkWaiting();
  }

  /** `ends`: when a call that waits comes back. */
  call(call: CallAction, ends: Nanos): void {
    this.finishWaiting();
    this.expectSyn(call);
    this.announce(call);
    const waiting: Waiting = { call, ends, since: this.bed.now, outcome: undefined };
    makeCall(call, this.context, (it) => {
      waiting.outcome ??= { it, at: this.bed.now };
    });
    if (call.end !== undefined) {
      this.waiting = waiting;
      return;
    }
    if (!waiting.outcome) this.bed.settle();
    if (!waiting.outcome)
      throw new Miss(
        'content',
        `${call.name} waits`,
        `${call.name} comes back at once`,
        'it waits (a call that waits is written with the time it ends, 0...0.5)',
      );
    this.cameBack(call, waiting.outcome.it);
  }

  /** Whatever the program waits in comes back first. */
  finishWaiting(): void {
    this.checkWaiting();
    const { waiting, bed } = this;
    if (!waiting) return;
    while (this.waiting) {
      const due = bed.engine.nextEventAt();
      if (due === undefined || due > waiting.ends + PATIENCE)
        throw new Miss('content', `${waiting.call.name} never came back`, `at ${inSeconds(waiting.ends)} s`, 'it still waits').at(
          waiting.call,
        );
      bed.step();
    }
  }

  /** What TCP_INFO tells of the socket under test. */
  facts(): Readonly<Record<string, number>> {
    const { underTest, host } = this.bed;
    const fd = underTest?.fd;
    const held = fd === undefined ? undefined : this.tcbOf(this.context.live(fd));
    if (held) return infoOf(held);
    const found = underTest && host.connections.find(underTest);
    return found && isTcb(found) ? infoOf(found) : CLOSED_INFO;
  }

  /** A call that was waiting has come back: is it what the script says, and when? */
  private checkWaiting(): void {
    const { waiting, bed } = this;
    if (!waiting?.outcome) return;
    const { call, ends, since, outcome } = waiting;
    this.waiting = undefined;
    const { place } = bed;
    bed.place = call;
    this.cameBack(call, outcome.it);
    checkTime({ what: `${call.name} came back`, from: ends, to: ends, at: outcome.at, since: ends - since }, bed.settings);
    bed.place = place;
  }

  /** A call that connects: the next SYN is this socket's. */
  private expectSyn({ name, args }: CallAction): void {
    const { sockets, settings } = this.bed;
    const [fd] = args;
    if (!CONNECTS.has(name) || fd?.kind !== 'integer') return;
    const socket = sockets.find((one) => one.fd === fd.value);
    if (socket?.stage !== 'new') return;
    socket.stage = 'connecting';
    socket.remoteAddress = settings.remote;
    socket.remotePort = settings.connectPort;
  }

  private announce(call: CallAction): void {
    const [fd] = call.args;
    const tcb = fd?.kind === 'integer' ? this.tcbOf(this.context.live(fd.value)) : undefined;
    if (tcb) this.bed.witness.calls(call, tcb);
  }

  private cameBack(call: CallAction, outcome: Outcome): void {
    this.bed.witness.returned(call, outcome);
    checkOutcome(call, outcome, OPENS.has(call.name));
    if (outcome.result < 0) return;
    const { sockets } = this.bed;
    const [fd] = call.args;
    const number = fd?.kind === 'integer' ? fd.value : -1;
    if (OPENS.has(call.name)) this.opened(call, numberIn(call.result, 'the result'), outcome.result);
    else if (call.name === 'listen') for (const socket of sockets) if (socket.fd === number) socket.stage = 'listening';
    if (call.name !== 'close') return;
    this.descriptors.delete(number);
    for (const socket of sockets) if (socket.fd === number) socket.fd = undefined;
  }

  private opened({ name, args }: CallAction, scripted: number, live: number): void {
    const { bed } = this;
    this.descriptors.set(scripted, live);
    if (name === 'socket') {
      bed.underTest = new ScriptSocket(scripted);
      const [, type] = args;
      if (type?.kind === 'word' && type.text === 'SOCK_DGRAM') bed.underTest.protocol = 'udp';
      bed.sockets.push(bed.underTest);
    } else if (name === 'accept') {
      const port = this.tcbOf(live)?.remotePort;
      for (const socket of bed.sockets) if (socket.fd === undefined && socket.remotePort === port) socket.fd = scripted;
    }
  }

  private tcbOf(live: number): Tcb | undefined {
    return this.bed.program.descriptors().find(([fd]) => fd === live)?.[1].tcb;
  }
}
