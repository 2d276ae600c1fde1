// Lesson 25: window scale, SACK and timestamps are offered in the SYN and hold when both sides offer (RFC 7323, RFC 2018).
const address = { address: '10.0.0.2', port: 9502 };

/** Two new hosts with these tunables at the server, a connection, and ten octets there and back. */
async function talk(name: string, network: number, sysctls: Sysctls) {
  const ends = [1, 2].map((n) => lab.host(`${name} ${n}`, { addresses: [`10.${network}.0.${n}/24`], sysctls: n === 2 ? sysctls : {} }));
  const [calling, answering] = ends as [Host, Host];
  const link = lab.link(calling, answering, { delay: ms(10) });
  const client = calling.process('client');
  const server = answering.process('server');
  const at = { ...address, address: answering.addresses[0]! };
  const listener = await server.socket(AF_INET, SOCK_STREAM);
  await server.bind(listener, at);
  await server.listen(listener, 5);
  const socket = await client.socket(AF_INET, SOCK_STREAM);
  await client.connect(socket, at);
  const connection = await server.accept(listener);
  await client.send(socket, '0123456789');
  await server.send(connection, await server.recv(connection, 100));
  await sleep(1);
  const [syn, synAck, ack] = link.segments() as [Segment, Segment, Segment];
  /** A later segment is lost and followed by others: what does the receiver report? */
  const report = async () => {
    const before = link.segments().length;
    let first = true;
    link.drop((s) => {
      const drop = first && s.length > 0;
      if (drop) first = false;
      return drop;
    });
    await client.send(socket, new Uint8Array(5000));
    await sleep(1);
    return link
      .segments()
      .slice(before)
      .filter((s) => s.from === server.host.name);
  };
  return { syn: syn.options, synAck: synAck.options, ack: ack.options, segments: link.segments(), report };
}

// Both sides offer everything: the default.
const all = await talk('all', 1, {});
note(`The SYN offers ${JSON.stringify(all.syn)}.`);
expect(Object.keys(all.syn).sort(), 'the SYN offers four things').toEqual(['mss', 'sackPermitted', 'timestamps', 'windowScale']);
expect(Object.keys(all.synAck).sort(), 'the SYN,ACK answers all four').toEqual(['mss', 'sackPermitted', 'timestamps', 'windowScale']);
expect(Object.keys(all.ack), 'from then on only timestamps are repeated').toEqual(['timestamps']);
expect(all.syn.timestamps?.echo, 'the first timestamp has nothing to echo').toBe(0);
expect(all.synAck.timestamps?.echo, 'the second echoes the first').toBe(all.syn.timestamps?.value);
const scale = all.syn.windowScale ?? 0;
const [syn, , third] = all.segments as [Segment, Segment, Segment];
expect(scale, 'the scale is 10: windows count in units of 1024 octets').toBe(10);
expect(syn.window, 'the window of a SYN is never scaled').toBeGreaterThan(60_000);
expect(third.window, 'the third segment says 63').toBe(63);
expect(third.window * 2 ** scale, 'and means 63 times 1024 octets').toBe(64_512);
expect(
  (await all.report()).some((s) => s.options.sack !== undefined),
  'the receiver reports what lies behind a gap',
).toBe(true);

// The server does not know SACK.
const noSack = await talk('no SACK', 2, { 'net.ipv4.tcp_sack': 0 });
expect(noSack.syn.sackPermitted, 'the client offers SACK').toBe(true);
expect(noSack.synAck.sackPermitted, 'the server does not').toBe(undefined);
expect(
  (await noSack.report()).some((s) => s.options.sack !== undefined),
  'so no segment carries a SACK block',
).toBe(false);

// The server does not know timestamps.
const noTimestamps = await talk('no timestamps', 3, { 'net.ipv4.tcp_timestamps': 0 });
expect(noTimestamps.syn.timestamps === undefined, 'the client offers timestamps').toBe(false);
expect(noTimestamps.synAck.timestamps, 'the server does not answer them').toBe(undefined);
expect(
  noTimestamps.segments.slice(1).some((s) => s.options.timestamps !== undefined),
  'so no later segment has them, from either side',
).toBe(false);

// The server does not know scaling.
const noScale = await talk('no scale', 4, { 'net.ipv4.tcp_window_scaling': 0 });
expect(noScale.syn.windowScale, 'the client offers its scale').toBe(10);
expect(noScale.synAck.windowScale, 'the server does not').toBe(undefined);
expect(noScale.segments[2]?.window, 'so the client does not scale either: its window is said in octets').toBeGreaterThan(60_000);
