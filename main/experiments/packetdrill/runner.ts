import { Engine } from '../../engine/engine.ts';
import type { Host } from '../../engine/host.ts';
import type { Plug } from '../../engine/network/cable.ts';
import type { Packet } from '../../engine/network/packet.ts';
import type { Process } from '../../engine/sockets/processes.ts';
import type { Tcb } from '../../engine/tcp/tcb.ts';
import { ipVersionOf } from '../../wire/ip-address.ts';
import { Flag } from '../../wire/segment.ts';
import { type Nanos, nanos, seconds } from '../../wire/units.ts';
import { type CallContext, makeCall, type Outcome } from './calls.ts';
import { compareTcp, trafficClassOf } from './compare.ts';
import { ScriptSocket } from './connection.ts';
import { numbersOf, toIcmp } from './icmp-message.ts';
import { inOneLine, writeTcp } from './notation.ts';
import { Python } from './python.ts';
import type { CallAction, IcmpSpec, PacketAction, Script, ScriptEvent, TcpSpec, UdpSpec } from './script.ts';
import { toSegment, toSpec } from './segments.ts';
import type { Settings } from './settings.ts';
import { type ReadFile, Shell } from './shell.ts';
import { CLOSED_INFO, infoOf, TCP_INFO_CONSTANTS } from './tcp-info.ts';
import { numberIn } from './values.ts';
import { Miss } from './verdict.ts';

interface Sent {
  readonly packet: Packet;
  readonly at: Nanos;
}

/** A call that the script says will wait. */
interface Waiting {
  readonly call: CallAction;
  readonly line: number;
  readonly ends: Nanos;
  readonly since: Nanos;
  outcome: { readonly it: Outcome; readonly at: Nanos } | undefined;
}

/** How long after its time a packet is waited for, to tell late from never. */
const PATIENCE = seconds(2);
const MOST_EVENTS = 3_000_000;
const FIRST_PORT = 50_000;

/** The far end of the cable: what the host sends is taken where it leaves. */
const NOBODY: Plug = { name: 'script', receive: () => {} };

/** Runs one script: a host of the engine on one end of a cable, the script on the other. */
export class Runner {
  /** Of the event at hand. */
  line = 1;
  private readonly script: Script;
  private readonly settings: Settings;
  private readonly engine = new Engine({ seed: 1 });
  private readonly host: Host;
  private readonly program: Process;
  private readonly shell: Shell;
  private readonly python = new Python(TCP_INFO_CONSTANTS);
  private readonly sent: Sent[] = [];
  private readonly sockets: ScriptSocket[] = [];
  private readonly descriptors = new Map<number, number>();
  private readonly context: CallContext;
  /** Whose packets the script's lines are about. */
  private underTest: ScriptSocket | undefined;
  private waiting: Waiting | undefined;
  private previous: { readonly time: Nanos; readonly isInbound: boolean } | undefined;
  private ports = 0;
  private steps = 0;

  constructor(script: Script, settings: Settings, readFile: ReadFile) {
    this.script = script;
    this.settings = settings;
    const { local, remote, version, mtu, bindPort, connectPort } = settings;
    this.host = this.engine.host({ name: 'local', addresses: [`${local}/${version === '6' ? 64 : 16}`], gso: true });
    const cable = this.engine.cable(this.host, NOBODY, { mtu });
    cable.watch((packet, from) => {
      if (from === this.host)
        this.sent.push({ packet: packet.segment ? { ...packet, segment: { ...packet.segment } } : packet, at: this.engine.now });
    });
    this.program = this.host.process('script');
    this.shell = new Shell(this.host.sysctls, readFile, () => this.host.fastOpenMemory.forget());
    this.context = {
      program: this.program,
      domain: version === '4' ? 'AF_INET' : 'AF_INET6',
      local: { address: local, port: bindPort },
      remote: { address: remote, port: connectPort },
      live: (fd) => this.descriptors.get(fd) ?? fd,
    };
  }

  /** Runs to the end; throws a `Miss` where the script and the engine part. */
  run(): void {
    const { before, events, after } = this.script;
    if (before) {
      this.line = before.line;
      this.shell.run(before.text);
    }
    for (const event of events) this.event(event);
    this.line = events.at(-1)!.line;
    this.finishWaiting();
    if (after) {
      this.line = after.line;
      this.shell.run(after.text);
    }
  }

  private event(event: ScriptEvent): void {
    const { action, time } = event;
    this.line = event.line;
    const isInbound = action.kind === 'packet' && action.direction === 'in';
    const base = this.previous?.isInbound && isInbound ? this.previous.time : this.engine.now;
    const isRelative = time.kind === 'relative' || time.kind === 'relative-range';
    const offset = isRelative ? base : 0;
    const from = nanos(offset + (time.kind === 'any' ? base : 'time' in time ? time.time : time.from));
    const to = 'to' in time ? nanos(offset + time.to) : from;
    if (action.kind === 'packet' && action.direction === 'out') this.expectPacket(action, from, time.kind === 'any' ? undefined : to);
    else {
      this.waitUntil(from);
      this.checkTime(from, from, this.engine.now, DOES[action.kind]);
      if (action.kind === 'packet') this.inject(action);
      else if (action.kind === 'call') this.call(action, nanos(offset + (action.end ?? 0)));
      else if (action.kind === 'command') this.shell.run(action.text);
      else this.python.run(action.text, this.facts());
    }
    this.settle();
    this.previous = { time: time.kind === 'any' ? this.engine.now : from, isInbound };
  }

  // Time

  private step(): boolean {
    if (++this.steps > MOST_EVENTS) throw new Miss('unsupported', `the script makes the engine do more than ${MOST_EVENTS} things`);
    const stepped = this.engine.step();
    this.checkWaiting();
    return stepped;
  }

  /** Everything due before `time` happens; what is due at that very moment follows the script's event, as timers of Linux run late. */
  private waitUntil(time: Nanos): void {
    for (let due = this.engine.nextEventAt(); due !== undefined && due < time; due = this.engine.nextEventAt()) this.step();
    this.engine.clock.advanceTo(time);
  }

  /** What follows at once from what has just happened. */
  private settle(): void {
    const { now } = this.engine;
    for (let due = this.engine.nextEventAt(); due !== undefined && due <= now; due = this.engine.nextEventAt()) this.step();
    this.checkWaiting();
  }

  private checkTime(from: Nanos, to: Nanos, at: Nanos, what: string): void {
    const { tolerance, tolerancePercent } = this.settings;
    const since = this.previous ? from - this.previous.time : 0;
    const slack = Math.max(tolerance, (since * tolerancePercent) / 100);
    if (at >= from - slack && at <= to + slack) return;
    const when = from === to ? shown(from) : `${shown(from)}~${shown(to)}`;
    throw new Miss('timing', `${what} at the wrong time: ${shown(Math.round(slack))} s of tolerance`, `at ${when} s`, `at ${shown(at)} s`);
  }

  // Packets coming in

  private inject(action: PacketAction): void {
    const { body, ip: marks } = action;
    refuseOuter(action);
    if (body.kind === 'tcp') this.injectTcp(body, action);
    else if (body.kind === 'icmp') {
      const socket = this.socketFor();
      this.put({ src: socket.remoteAddress, dst: socket.localAddress, icmp: toIcmp(body, socket) });
    } else {
      const socket = this.socketFor();
      const datagram = {
        srcPort: body.ports?.src || socket.remotePort,
        dstPort: body.ports?.dst || socket.localPort,
        payload: new Uint8Array(body.length),
      };
      this.put({
        src: socket.remoteAddress,
        dst: socket.localAddress,
        datagram,
        ...(trafficClassOf(marks) && { trafficClass: trafficClassOf(marks) }),
      });
    }
  }

  private injectTcp(body: TcpSpec, { ip: marks }: PacketAction): void {
    if (!this.underTest || this.underTest.stage === 'listening') this.underTest = this.childFor(body);
    const socket = this.underTest;
    const isSyn = (body.flags & Flag.SYN) !== 0;
    if (socket.stage === 'syn-sent' && isSyn) {
      socket.remoteStart = body.seq;
      if (body.flags & Flag.ACK) socket.stage = 'open';
    }
    const segment = toSegment(body, socket, this.settings);
    const trafficClass = trafficClassOf(marks);
    this.put({
      src: socket.remoteAddress,
      dst: socket.localAddress,
      segment,
      ...(trafficClass !== 0 && { trafficClass }),
      ...(marks.ttl !== undefined && { hops: marks.ttl }),
    });
  }

  /** A packet for a listener begins a connection. */
  private childFor(body: TcpSpec): ScriptSocket {
    const { local, remote, bindPort } = this.settings;
    const child = new ScriptSocket(undefined);
    Object.assign(child, {
      stage: 'open',
      localAddress: local,
      localPort: bindPort,
      remoteAddress: remote,
      remotePort: FIRST_PORT + this.ports++,
      remoteStart: body.seq,
    });
    this.sockets.push(child);
    return child;
  }

  /** Straight to the host: what a kernel has put together before TCP sees it may be longer than the link carries. */
  private put(packet: Packet): void {
    this.host.receive(packet);
  }

  private socketFor(): ScriptSocket {
    if (!this.underTest) throw new Miss('mistake', 'no socket has been made yet that this packet could be for');
    return this.underTest;
  }

  // Packets going out

  private expectPacket(action: PacketAction, from: Nanos, to: Nanos | undefined): void {
    const { body, ip: marks } = action;
    refuseOuter(action);
    const socket = this.socketFor();
    const isSyn = body.kind === 'tcp' && (body.flags & (Flag.SYN | Flag.ACK)) === Flag.SYN;
    if (isSyn && socket.stage === 'connecting') socket.stage = 'syn-sent';
    const text = writeBody(body);
    const first = this.nextFrom(socket, to, text);
    if (body.kind === 'tcp') this.compare(body, marks, socket, first, to);
    else compareOther(body, first.packet, text);
    if (to !== undefined) this.checkTime(from, to, first.at, `the packet left (${text})`);
  }

  private compare(body: TcpSpec, marks: PacketAction['ip'], socket: ScriptSocket, first: Sent, to: Nanos | undefined): void {
    const { segment } = first.packet;
    const text = writeBody(body);
    if (!segment) throw new Miss('content', 'a packet of another protocol left', text, writeOther(first.packet));
    if (segment.flags & Flag.SYN && !socket.knowsStart) socket.learnStart(segment.seq, body.seq);
    const parts = [segment];
    for (let length = segment.payload.length; length < body.length && !this.settings.strictSegments; ) {
      const next = this.nextFrom(socket, to, `${text}, of which ${length} octets came`).packet.segment;
      if (!next) throw new Miss('content', 'a packet of another protocol left', text, 'a packet that is not TCP');
      parts.push(next);
      length += next.payload.length;
      if (!continues(parts)) throw this.partsDiffer(parts, socket, text);
    }
    const stamp = segment.options.find((option) => option.kind === 'timestamps');
    const written = body.options?.find((option) => option.kind === 'timestamps');
    if (stamp && written?.kind === 'timestamps') socket.learnStamp(written.value, stamp.value);
    const { trafficClass = 0, hops = 64 } = first.packet;
    compareTcp(
      body,
      toSpec(parts, socket, body.ace !== undefined, body.flags & Flag.PSH),
      marks,
      { trafficClass, hops },
      this.engine.now,
      this.settings,
    );
  }

  private partsDiffer(parts: Parameters<typeof toSpec>[0], socket: ScriptSocket, text: string): Miss {
    const written = parts.map((part) => inOneLine(writeTcp(toSpec([part], socket, false))));
    return new Miss('content', 'segments left that do not make up the expected one', text, written.join(', '));
  }

  /** The next packet the host sends on this connection; others' are left aside, as packetdrill does. */
  private nextFrom(socket: ScriptSocket, to: Nanos | undefined, text: string): Sent {
    const limit = (to ?? this.engine.now) + PATIENCE + (to === undefined ? seconds(3600) : 0);
    for (;;) {
      for (let sent = this.sent.shift(); sent; sent = this.sent.shift()) if (this.isFrom(socket, sent.packet)) return sent;
      const due = this.engine.nextEventAt();
      if (due === undefined || due > limit) throw new Miss('content', 'no packet left', text, 'none');
      this.step();
    }
  }

  private isFrom(socket: ScriptSocket, packet: Packet): boolean {
    const { src, dst, segment, datagram } = packet;
    if (segment && socket.stage === 'syn-sent' && socket.localPort === 0) {
      const isOurs =
        (segment.flags & (Flag.SYN | Flag.ACK)) === Flag.SYN && dst === socket.remoteAddress && segment.dstPort === socket.remotePort;
      if (isOurs) Object.assign(socket, { localAddress: src, localPort: segment.srcPort });
      return isOurs;
    }
    if (segment) return socket.sends(src, dst, segment);
    if (datagram && socket.localPort === 0 && socket.protocol === 'udp')
      Object.assign(socket, { localAddress: src, localPort: datagram.srcPort });
    if (datagram) return socket.sends(src, dst, datagram);
    return dst === socket.remoteAddress;
  }

  // System calls

  private call(call: CallAction, ends: Nanos): void {
    this.finishWaiting();
    this.beforeCall(call);
    const waiting: Waiting = { call, line: this.line, ends, since: this.engine.now, outcome: undefined };
    makeCall(call, this.context, (it) => {
      waiting.outcome ??= { it, at: this.engine.now };
    });
    if (call.end !== undefined) {
      this.waiting = waiting;
      return;
    }
    if (!waiting.outcome) this.settle();
    if (!waiting.outcome)
      throw new Miss(
        'content',
        `${call.name} waits`,
        `${call.name} comes back at once`,
        'it waits (a call that waits is written with the time it ends, 0...0.5)',
      );
    this.afterCall(call, waiting.outcome.it);
  }

  /** A call that was waiting has come back: is it what the script says, and when? */
  private checkWaiting(): void {
    const { waiting } = this;
    if (!waiting?.outcome) return;
    this.waiting = undefined;
    const { line } = this;
    this.line = waiting.line;
    this.afterCall(waiting.call, waiting.outcome.it);
    const { tolerance, tolerancePercent } = this.settings;
    const slack = Math.max(tolerance, ((waiting.ends - waiting.since) * tolerancePercent) / 100);
    const { at } = waiting.outcome;
    if (Math.abs(at - waiting.ends) > slack)
      throw new Miss(
        'timing',
        `${waiting.call.name} came back at the wrong time: ${shown(Math.round(slack))} s of tolerance`,
        `at ${shown(waiting.ends)} s`,
        `at ${shown(at)} s`,
      );
    this.line = line;
  }

  /** The program makes one call after the other. */
  private finishWaiting(): void {
    this.checkWaiting();
    const { waiting } = this;
    if (!waiting) return;
    while (this.waiting) {
      const due = this.engine.nextEventAt();
      if (due === undefined || due > waiting.ends + PATIENCE) {
        this.line = waiting.line;
        throw new Miss('content', `${waiting.call.name} never came back`, `at ${shown(waiting.ends)} s`, 'it still waits');
      }
      this.step();
    }
  }

  /** What the script's call tells about whose packets come next. */
  private beforeCall(call: CallAction): void {
    if (call.name !== 'connect' && call.name !== 'sendto' && call.name !== 'sendmsg') return;
    const [fd] = call.args;
    const socket = fd?.kind === 'integer' ? this.sockets.find((one) => one.fd === fd.value) : undefined;
    if (socket?.stage !== 'new') return;
    socket.stage = 'connecting';
    socket.remoteAddress = this.settings.remote;
    socket.remotePort = this.settings.connectPort;
  }

  private afterCall(call: CallAction, outcome: Outcome): void {
    checkOutcome(call, outcome);
    const { name, args, result } = call;
    const [fd] = args;
    const number = fd?.kind === 'integer' ? fd.value : -1;
    if (outcome.result < 0) return;
    if (name === 'socket' || name === 'accept' || name === 'epoll_create')
      this.opened(call, numberIn(result, 'the result'), outcome.result);
    else if (name === 'listen') for (const socket of this.sockets) if (socket.fd === number) socket.stage = 'listening';
    if (name !== 'close') return;
    this.descriptors.delete(number);
    for (const socket of this.sockets) if (socket.fd === number) socket.fd = undefined;
  }

  private opened({ name, args }: CallAction, scripted: number, live: number): void {
    this.descriptors.set(scripted, live);
    if (name === 'socket') {
      this.underTest = new ScriptSocket(scripted);
      const [, type] = args;
      if (type?.kind === 'word' && type.text === 'SOCK_DGRAM') this.underTest.protocol = 'udp';
      this.sockets.push(this.underTest);
    } else if (name === 'accept') {
      const port = this.tcbOf(live)?.remotePort;
      for (const socket of this.sockets) if (socket.fd === undefined && socket.remotePort === port) socket.fd = scripted;
    }
  }

  private tcbOf(live: number): Tcb | undefined {
    return this.program.descriptors().find(([fd]) => fd === live)?.[1].tcb;
  }

  /** What TCP_INFO tells of the socket under test. */
  private facts(): Readonly<Record<string, number>> {
    const fd = this.underTest?.fd;
    const held = fd === undefined ? undefined : this.tcbOf(this.context.live(fd));
    if (held) return infoOf(held);
    const found = this.underTest && this.host.connections.find(this.underTest);
    return found && 'sendQueue' in found ? infoOf(found) : CLOSED_INFO;
  }
}

const DOES = { packet: 'the packet came in', call: 'the call was made', command: 'the command ran', code: 'the code ran' } as const;

const shown = (time: number): string => (time / 1e9).toFixed(6);

function refuseOuter({ around, ip: marks }: PacketAction): void {
  const [outer] = around;
  if (outer) throw new Miss('unsupported', `the engine has no ${outer.kind === 'ip' ? 'IP in IP' : outer.kind.toUpperCase()}`);
  if (marks.flowLabel !== undefined) throw new Miss('unsupported', 'the engine sends no flow labels');
}

/** Does the last part go on where the one before ends, as a device would have cut them? */
function continues(parts: Parameters<typeof toSpec>[0]): boolean {
  const [before, last] = [parts.at(-2)!, parts.at(-1)!];
  const isNext = last.seq === (before.seq + before.payload.length) >>> 0;
  return (
    isNext &&
    last.ack === before.ack &&
    last.window === before.window &&
    last.payload.length <= before.payload.length &&
    last.payload.length > 0
  );
}

function checkOutcome({ name, result, errno }: CallAction, outcome: Outcome): void {
  const actual = outcome.errno === undefined ? `${outcome.result}` : `${outcome.result} ${outcome.errno}`;
  if (result.kind !== 'ellipsis') {
    const wanted = numberIn(result, 'the result');
    const isDescriptor = name === 'socket' || name === 'accept' || name === 'epoll_create';
    const fits = isDescriptor && wanted >= 0 ? outcome.result >= 0 : wanted === outcome.result;
    if (!fits || (errno !== undefined && errno !== outcome.errno))
      throw new Miss(
        'content',
        `${name} came back with something else`,
        `${name}(...) = «${errno === undefined ? wanted : `${wanted} ${errno}`}»`,
        `${name}(...) = «${actual}»`,
      );
  }
  for (const { what, expected, actual: seen } of outcome.written ?? [])
    if (expected !== seen) throw new Miss('content', `${name} tells something else: ${what}`, `«${expected}»`, `«${seen}»`);
}

const writeBody = (body: TcpSpec | UdpSpec | IcmpSpec): string => {
  if (body.kind === 'tcp') return inOneLine(writeTcp(body));
  if (body.kind === 'udp') return `udp (${body.length})`;
  return `icmp ${body.type}${body.code === undefined ? '' : ` ${body.code}`}`;
};

const writeOther = ({ datagram, icmp, segment }: Packet): string =>
  segment
    ? 'a TCP segment'
    : datagram
      ? `udp (${datagram.payload.length})`
      : icmp
        ? `icmp ${icmp.kind}`
        : 'a packet of an unknown protocol';

function compareOther(body: UdpSpec | IcmpSpec, packet: Packet, text: string): void {
  const { datagram, icmp, src } = packet;
  const version = ipVersionOf(src);
  const same = body.kind === 'udp' ? datagram?.payload.length === body.length : icmp !== undefined && isSameMessage(body, icmp, version);
  if (!same) throw new Miss('content', 'another packet left', text, writeOther(packet));
}

function isSameMessage(body: IcmpSpec, icmp: NonNullable<Packet['icmp']>, version: 4 | 6): boolean {
  const { type, code } = numbersOf(body, version);
  if (icmp.kind === 'other') return icmp.type === type && icmp.code === code;
  const kinds = {
    unreachable: version === 4 ? 3 : 1,
    'packet-too-big': 2,
    'time-exceeded': version === 4 ? 11 : 3,
    'echo-request': version === 4 ? 8 : 128,
    'echo-reply': version === 4 ? 0 : 129,
  };
  return kinds[icmp.kind] === type && ('code' in icmp ? icmp.code : 0) === code;
}
