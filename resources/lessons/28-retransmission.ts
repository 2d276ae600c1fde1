// Lesson 28: retransmission. By timeout, by the reports of the receiver, and by a probe (RFC 6298, RFC 8985).
const oneTrip = ms(50);
const { client, server, link } = lab.twoHosts({ delay: oneTrip });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 5);
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, address);
const connection = await server.accept(listener);

/** Loses the data segments of the client whose turn it is, counted from now: `lose(3)` the third. */
function lose(...turns: readonly number[]): () => readonly Segment[] {
  const before = link.segments().length;
  let turn = 0;
  link.release();
  link.drop((s) => s.from === 'client' && s.length > 0 && turns.includes(++turn));
  return () => link.segments().slice(before);
}
const tenSegments = new Uint8Array(10 * 1448);
/** Reads everything that was sent. */
async function readAll(length: number): Promise<void> {
  for (let read = 0; read < length; ) read += (await server.recv(connection, length - read)).length;
}

// 1. How long to wait: the handshake has measured one round trip.
const info = client.tcpInfo(socket);
expect(info.tcpi_rtt, 'the smoothed round-trip time is 100 ms, in microseconds').toBe(100_000);
expect(info.tcpi_rto, 'the timeout is that plus a margin of 200 ms').toBe(300_000);

// 2. Nothing gets through: the same segment again and again, each time after a longer wait.
const alone = lose(1, 2, 3, 4, 5, 6);
await client.send(socket, 'hello?');
await sleep(8);
expect(client.tcpInfo(socket).tcpi_rto, 'the timeout has grown to 4.8 s').toBe(4_800_000);
await readAll(6);
const tries = alone().filter((s) => s.length > 0);
note(`Tried at ${tries.map((s) => (s.time - tries[0]!.time).toFixed(1)).join(', ')} s.`);
must(tries.length, 'seven tries').toBe(7);
const waits = tries.slice(1).map((s, i) => s.time - tries[i]!.time);
expect(tries[1]?.cause, 'the first repetition is a probe').toBe('loss-probe');
expect(
  tries.slice(2).map((s) => s.cause),
  'the others come from the timeout',
).toEqual(Array(5).fill('retransmission'));
for (const [i, expected] of [0.3, 0.6, 1.2, 2.4, 4.8].entries())
  expect(waits[i + 1]!, `timeout ${i + 1} after ${expected} s`).toBeCloseTo(expected, ms(1));
expect(new Set(tries.map((s) => s.seq)).size, 'it is always the same number').toBe(1);
await sleep(1);
expect(client.tcpInfo(socket).tcpi_rto, 'the ACK brings the timeout back to 300 ms').toBe(300_000);
expect(client.tcpInfo(socket).tcpi_snd_cwnd, 'but the congestion window has fallen: nothing got through').toBeLessThan(10);

// 3. One of ten is lost. What comes after it tells.
const oneLost = lose(3);
await client.send(socket, tenSegments);
await readAll(tenSegments.length);
const lost = oneLost().find((s) => s.lost)!;
const again = oneLost().find((s) => s.seq === lost.seq && s.number > lost.number)!;
expect(again.cause, 'it goes out again without waiting for the timeout').toBe('fast-retransmission');
expect(again.time - lost.time, 'one round trip after it was lost').toBeCloseTo(2 * oneTrip, ms(5));
const reports = oneLost().filter((s) => s.from === 'server' && s.options.sack !== undefined);
expect(reports.length, 'the receiver reported what it had behind the gap').toBeGreaterThan(2);
expect(new Set(reports.map((s) => s.ack)).size, 'while its acknowledgment stood still').toBe(1);
expect(reports[0]?.ack, 'at the segment that was missing').toBe(lost.seq);
expect(
  oneLost().filter((s) => s.from === 'client' && s.length > 0),
  'eleven segments for ten: only the lost one was sent twice',
).toHaveLength(11);

// 4. The last one is lost, and nothing comes after it that could tell.
await sleep(1);
const tailLost = lose(10);
await client.send(socket, tenSegments);
await readAll(tenSegments.length);
const tail = tailLost().find((s) => s.lost)!;
const probe = tailLost().find((s) => s.seq === tail.seq && s.number > tail.number)!;
expect(probe.cause, 'a tail loss probe repeats the last segment').toBe('loss-probe');
expect(probe.time - tail.time, 'later than a round trip').toBeGreaterThan(2 * oneTrip);

// What the host has counted.
const counters = client.host.counters();
expect(counters.TCPTimeouts, 'five timeouts').toBe(5);
expect(counters.TCPFastRetrans, 'one fast retransmission').toBe(1);
expect(counters.TCPLossProbes, 'two probes').toBe(2);
