// Lesson 33: path MTU. A router that cannot pass a packet on says so with ICMP, and TCP sends smaller segments (RFC 1191).
const narrow = param('mtu', 1000, { from: 700, to: 1400, step: 20 });
const client = lab.host('client', { addresses: ['10.1.0.1/24'], routes: [{ to: 'default', via: '10.1.0.9' }] });
const server = lab.host('server', { addresses: ['10.3.0.2/24'], routes: [{ to: 'default', via: '10.3.0.9' }] });
const west = lab.host('west', {
  addresses: ['10.1.0.9/24', '10.2.0.1/24'],
  routes: [{ to: '10.3.0.0/24', via: '10.2.0.2' }],
  sysctls: { 'net.ipv4.ip_forward': 1 },
});
const east = lab.host('east', {
  addresses: ['10.2.0.2/24', '10.3.0.9/24'],
  routes: [{ to: '10.1.0.0/24', via: '10.2.0.1' }],
  sysctls: { 'net.ipv4.ip_forward': 1 },
});
// client === west --- east === server: the links of both ends carry 1500 octets, the one in the middle fewer.
const first = lab.link(client, west, { delay: ms(5) });
lab.link(west, east, { delay: ms(5), mtu: narrow });
const last = lab.link(east, server, { delay: ms(5) });

const a = client.process('browser');
const b = server.process('web');
const listener = await b.socket(AF_INET, SOCK_STREAM);
await b.bind(listener, { address: '10.3.0.2', port: 80 });
await b.listen(listener, 5);
async function connected() {
  const socket = await a.socket(AF_INET, SOCK_STREAM);
  await a.connect(socket, { address: '10.3.0.2', port: 80 });
  return { socket, connection: await b.accept(listener) };
}

// 1. The handshake knows only the two ends.
const { socket, connection } = await connected();
const syns = first.segments().filter((s) => s.options.mss !== undefined);
expect(
  syns.map((s) => s.options.mss),
  'both ends offer 1460: neither knows what is between them',
).toEqual([1460, 1460]);
expect(first.datagrams(), 'the small packets of the handshake fit, so no router has said anything').toHaveLength(0);

// 2. The first large segment.
const room = narrow - 20 - 20 - 12; // headers of IP and TCP, and the timestamps
const guess = await predict(
  `The link in the middle takes packets of ${narrow} octets. How many octets of data do the segments carry in the end?`,
);
const sent = new Uint8Array(20_000).map((_, n) => n % 251);
const before = first.segments().length;
await a.send(socket, sent);
const received = await b.recv(connection, sent.length, MSG_WAITALL);
const data = first
  .segments()
  .slice(before)
  .filter((s) => s.from === 'client' && s.length > 0);
const told = first.datagrams().find(({ message }) => message === 'unreachable');
must(told !== undefined, 'an ICMP message comes back').toBe(true);
const small = data.filter((s) => s.time > told!.time);
guess.turnsOut(Math.max(...small.map((s) => s.length)));
note(`${told!.source.address} says: destination unreachable, code ${told!.code}, next hop takes ${told!.mtu} octets.`);
expect(data[0]?.length, "the first segment is as large as the client's own link allows: 1448").toBe(1448);
expect(told!.source.address, 'it is the router before the narrow link that speaks, not the server').toBe('10.1.0.9');
expect(told!.code, 'code 4: fragmentation needed and DF set').toBe(4);
expect(told!.mtu, 'it says how much the next link takes').toBe(narrow);
expect(Math.max(...small.map((s) => s.length)), 'from then on no segment carries more than fits').toBe(room);
expect(received, 'and every octet has arrived').toEqual(sent);
expect(
  small.some((s) => s.relativeSeq === 1),
  'what was too large was sent again, in smaller pieces and without waiting for the timeout',
).toBe(true);
expect(Math.max(...last.segments().map((s) => s.length)), 'the server has never seen a larger one').toBe(room);
expect(a.tcpInfo(socket).tcpi_pmtu, 'tcp_info tells it as tcpi_pmtu').toBe(narrow);

// 3. The host remembers, for all connections to that address.
const again = await connected();
const quiet = first.datagrams().length;
await a.send(again.socket, sent);
await b.recv(again.connection, sent.length, MSG_WAITALL);
expect(first.datagrams().length, 'the next connection begins with what was learned: no further message').toBe(quiet);

// 4. Not to ask for it: without DF the router cuts packets up, and the server's host puts them together.
await sleep(700); // mtu_expires, 600 s: paths change, so what was learned is forgotten
const cut = await connected();
await a.setsockopt(cut.socket, IPPROTO_IP, IP_MTU_DISCOVER, 0);
const silent = first.datagrams().length;
const start = first.segments().length;
await a.send(cut.socket, sent);
expect(await b.recv(cut.connection, sent.length, MSG_WAITALL), 'without DF everything arrives as well').toEqual(sent);
expect(first.datagrams().length, 'no ICMP: the router may cut').toBe(silent);
expect(
  Math.max(
    ...first
      .segments()
      .slice(start)
      .map((s) => s.length),
  ),
  'the client goes on sending large segments',
).toBe(1448);
expect(server.counters().ReasmOKs, 'each arrives in fragments, and one lost fragment would lose it all').toBeGreaterThan(0);
