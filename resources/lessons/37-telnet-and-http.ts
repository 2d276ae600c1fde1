// Lesson 37: fetching a page, from the name to the last ACK: DNS over UDP (RFC 1035), TCP, HTTP/1.0 (RFC 1945), as typed into telnet.
const oneTrip = ms(20);
const client = lab.host('client', { addresses: ['10.0.0.1/24'], routes: [{ to: 'default', via: '10.0.0.9' }] });
const router = lab.host('router', { addresses: ['10.0.0.9/24', '10.1.0.9/24', '10.2.0.9/24'], sysctls: { 'net.ipv4.ip_forward': 1 } });
const names = lab.host('names', { addresses: ['10.1.0.53/24'], routes: [{ to: 'default', via: '10.1.0.9' }] });
const web = lab.host('web', { addresses: ['10.2.0.80/24'], routes: [{ to: 'default', via: '10.2.0.9' }] });
const link = lab.link(client, router, { delay: oneTrip }); // everything the client says and hears passes here
lab.link(router, names);
lab.link(router, web);

// A question and an answer of DNS: twelve octets of header, then the name as lengths and labels (RFC 1035 §4.1).
const pair = (n: number) => [n >> 8, n & 255];
const labels = (name: string) => [...name.split('.').flatMap((part) => [part.length, ...[...part].map((c) => c.charCodeAt(0))]), 0];
const TYPE_A = pair(1);
const CLASS_IN = pair(1);
function question(id: number, name: string): Uint8Array {
  const header = [pair(id), pair(0x0100), pair(1), pair(0), pair(0), pair(0)]; // recursion desired; one question
  return Uint8Array.from([...header.flat(), ...labels(name), ...TYPE_A, ...CLASS_IN]);
}
function answered(asked: Uint8Array, address: string): Uint8Array {
  const header = [[...asked.slice(0, 2)], pair(0x8180), pair(1), pair(1), pair(0), pair(0)]; // response; one question, one answer
  const record = [...pair(0xc00c), ...TYPE_A, ...CLASS_IN, ...pair(0), ...pair(300), ...pair(4), ...address.split('.').map(Number)];
  return Uint8Array.from([...header.flat(), ...asked.slice(12), ...record]);
}
const addressIn = (message: Uint8Array) => message.slice(-4).join('.');
/** The name in a question, label by label. */
function nameIn(message: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 12; message[at]! > 0; at += message[at]! + 1) parts.push(text(message.slice(at + 1, at + 1 + message[at]!)));
  return parts.join('.');
}

const resolver = names.process('resolver');
lab.start('resolver', async () => {
  const fd = await resolver.socket(AF_INET, SOCK_DGRAM);
  await resolver.bind(fd, { address: INADDR_ANY, port: 53 });
  for (;;) {
    const { data, from } = await resolver.recvfrom(fd, 512);
    if (nameIn(data) === 'www.example.com') await resolver.sendto(fd, answered(data, '10.2.0.80'), 0, from!);
  }
});

const PAGE = '<p>It works.</p>\n';
const httpd = web.process('httpd');
lab.start('httpd', async () => {
  const listener = await httpd.socket(AF_INET, SOCK_STREAM);
  await httpd.bind(listener, { address: INADDR_ANY, port: 80 });
  await httpd.listen(listener);
  for (;;) {
    const connection = await httpd.accept(listener);
    let request = '';
    while (!request.includes('\r\n\r\n')) request += text(await httpd.recv(connection, 1000)); // a request may come in pieces
    await httpd.send(connection, `HTTP/1.0 200 OK\r\nContent-Length: ${PAGE.length}\r\n\r\n${PAGE}`);
    await httpd.close(connection); // HTTP/1.0: the end of the stream is the end of the page
  }
});

const guess = await predict(`One trip takes ${oneTrip * 1000} ms. After how many milliseconds is the page there?`, [80, 100, 120, 160]);

// 1. The name.
const telnet = client.process('telnet');
const asking = await telnet.socket(AF_INET, SOCK_DGRAM);
await telnet.sendto(asking, question(7, 'www.example.com'), 0, { address: '10.1.0.53', port: 53 });
const reply = await telnet.recvfrom(asking, 512);
const address = { address: addressIn(reply.data), port: 80 };
const resolved = now();
expect(address.address, 'DNS: the name is 10.2.0.80').toBe('10.2.0.80');
expect(resolved, 'DNS: one round trip').toBeCloseTo(2 * oneTrip, ms(1));
expect(
  link.datagrams().map((d) => `${d.from} ${d.protocol} ${d.destination.port}`),
  'DNS: two datagrams, one each way; the question goes to port 53',
).toEqual(['client udp 53', `router udp ${link.datagrams()[0]!.source.port}`]);
expect(link.segments(), 'DNS: and so far no TCP').toHaveLength(0);

// 2. The handshake.
const socket = await telnet.socket(AF_INET, SOCK_STREAM);
await telnet.connect(socket, address);
const connected = now();
expect(connected - resolved, 'TCP: one round trip more until connect() returns').toBeCloseTo(2 * oneTrip, ms(1));

// 3. The request as a person types it into telnet, line by line, and 4. the response until the end of the stream.
await telnet.send(socket, 'GET / HTTP/1.0\r\n');
await telnet.send(socket, 'Host: www.example.com\r\n\r\n');
let response = '';
for (let octets = await telnet.recv(socket, 1000); octets.length > 0; octets = await telnet.recv(socket, 1000)) response += text(octets);
const read = now();
guess.turnsOut(Math.round(read * 1000));
expect(response.startsWith('HTTP/1.0 200 OK\r\n'), 'HTTP: the server has understood').toBe(true);
expect(response.endsWith(`\r\n\r\n${PAGE}`), 'HTTP: an empty line, and then the page').toBe(true);

const data = link.segments().filter((s) => s.length > 0);
expect(
  data.map((s) => `${s.from} ${s.length}`),
  'the two lines leave in two segments, the answer comes in one',
).toEqual(['client 16', 'client 25', `router ${response.length}`]);
expect(
  data[1]!.time - data[0]!.time,
  'Nagle holds the second line back until the first is acknowledged: a round trip lost (lesson 31)',
).toBeCloseTo(2 * oneTrip, ms(1));
expect(read - connected, 'so the page takes two more round trips instead of one').toBeCloseTo(4 * oneTrip, ms(1));

// 5. The end: the server closed first.
await telnet.close(socket);
await telnet.until(socket, 'CLOSED', { within: 2 });
expect(telnet.history(socket), 'the client: passive close').toEqual([
  'CLOSED',
  'SYN-SENT',
  'ESTABLISHED',
  'CLOSE-WAIT',
  'LAST-ACK',
  'CLOSED',
]);
expect(web.connections()[0]?.state, "TIME-WAIT is the server's, who closed first").toBe('TIME-WAIT');

// The whole story.
const story = [
  ...link.datagrams().map((d) => ({ time: d.time, says: `${d.from}: UDP, ${d.length} octets` })),
  ...link.segments().map((s) => ({ time: s.time, says: `${s.from}: ${s.flags}${s.length > 0 ? `, ${s.length} octets` : ''}` })),
];
for (const { time, says } of story.sort((x, y) => x.time - y.time)) note(`${(time * 1000).toFixed(0).padStart(4)} ms  ${says}`);
expect(link.segments().length - data.length, 'nine of the twelve segments carry no data: opening, confirming and closing').toBe(9);
