// Lesson 7: data and acknowledgments, as tcpdump prints them. A telnet session on port 9502: a line there, a line back.
const { client, server, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };

const listener = await server.socket(AF_INET, SOCK_STREAM);
await server.bind(listener, address);
await server.listen(listener, 5);
const socket = await client.socket(AF_INET, SOCK_STREAM);
await client.connect(socket, address);
const connection = await server.accept(listener);

// telnet sends a line as it was typed, with CR LF at its end: 7 octets.
const question = 'hello\r\n';
await client.send(socket, question);
expect(text(await server.recv(connection, 100)), 'the server reads the line').toBe(question);

// The server answers with 18 octets.
const answer = 'hello to you too\r\n';
await server.send(connection, answer);
expect(text(await client.recv(socket, 100)), 'the client reads the answer').toBe(answer);
await sleep(1);

const short: Record<string, string> = { SYN: 'S', FIN: 'F', RST: 'R', PSH: 'P', ACK: '.' };
/** One line as tcpdump would print it: `seq first:next` for segments that carry something. */
function tcpdump(s: Segment): string {
  const flags = s.flags
    .split(',')
    .map((flag) => short[flag])
    .join('');
  const begins = s.flags.includes('SYN') ? s.seq : s.relativeSeq;
  const seq = s.length > 0 ? ` seq ${begins}:${begins + s.length},` : s.flags.includes('SYN') ? ` seq ${begins},` : '';
  const ack = s.flags.includes('ACK') ? ` ack ${s.flags.includes('SYN') ? s.ack : s.relativeAck},` : '';
  return `IP ${s.source.address}.${s.source.port} > ${s.destination.address}.${s.destination.port}: Flags [${flags}],${seq}${ack} win ${s.window}, length ${s.length}`;
}
for (const segment of link.segments()) console.log(tcpdump(segment));

const data = link.segments().filter((s) => s.length > 0);
must(data.length, 'two segments carry data').toBe(2);
const [there, back] = data as [Segment, Segment];
expect(tcpdump(there), 'the question is seq 1:8, ack 1: octets 1 to 7, and nothing received yet').toContain('seq 1:8, ack 1,');
expect(there.length, 'it has 7 octets, CR and LF among them').toBe(7);
expect(tcpdump(back), 'the answer is seq 1:19, ack 8: octets 1 to 18 of the other direction, and 8 is wanted next').toContain(
  'seq 1:19, ack 8,',
);
expect(back.length, 'it has 18 octets').toBe(18);
expect(
  data.map((s) => s.flags),
  'PSH asks to hand the data over at once; ACK is set on everything after the SYN',
).toEqual(['PSH,ACK', 'PSH,ACK']);

const last = link.segments().at(-1);
expect(
  last && [last.from, last.flags, last.length, last.relativeAck],
  'the last segment only says: I have everything up to 18, send 19 next',
).toEqual(['client', 'ACK', 0, 19]);
expect(
  link.segments().filter((s) => s.from === 'client' && s.relativeAck === 19),
  'the answer is acknowledged once',
).toHaveLength(1);
expect(client.queues(socket).send + server.queues(connection).send, 'everything is acknowledged: both send queues are empty').toBe(0);
expect(there.relativeSeq + there.length, 'an ACK names the next octet that is wanted, not the last one that came').toBe(back.relativeAck);
