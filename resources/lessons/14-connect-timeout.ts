// Lesson 14: nobody answers. SYN-SENT > CLOSED with ETIMEDOUT (RFC 9293 §3.8.3, RFC 6298 §2 and §5; tcp_syn_retries).
const { client, link } = lab.twoHosts({ delay: ms(10) });
const address = { address: '10.0.0.2', port: 9502 };
link.drop(() => true); // the other host might as well not exist

/** Calls until the kernel gives up; tells when the SYNs left and when it gave up, in seconds from the call. */
async function callNobody() {
  const before = link.segments().length;
  const socket = await client.socket(AF_INET, SOCK_STREAM);
  const called = now();
  const connecting = client.connect(socket, address);
  expect(client.state(socket), 'the client waits in SYN-SENT').toBe('SYN-SENT');
  await expect(connecting, 'in the end connect() fails with ETIMEDOUT').toFailWith('ETIMEDOUT');
  const syns = link.segments().slice(before);
  const times = syns.map((s) => Math.round((s.time - called) * 10) / 10);
  const gaveUp = Math.round((now() - called) * 10) / 10;
  note(`SYNs left at ${times.join(', ')} s; connect() gave up at ${gaveUp} s`);
  return { socket, syns, times, gaveUp };
}

// Linux 6.5 and later: five SYNs one second apart, then the wait doubles.
const guess = await predict('Nobody answers. After how many seconds does connect() give up?', [3, 63, 131, 600]);
const usual = await callNobody();
guess.turnsOut(usual.gaveUp);
expect(usual.times, 'by default: 4 repetitions a second apart, then 6 with the wait doubling').toEqual([
  0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67,
]);
expect(usual.gaveUp, 'after the last SYN it waits 64 s more, and gives up at 131 s').toBe(131);
expect(client.history(usual.socket), 'CLOSED > SYN-SENT > CLOSED').toEqual(['CLOSED', 'SYN-SENT', 'CLOSED']);
expect(
  usual.syns.every((s) => s.flags === 'SYN' && s.from === 'client' && s.lost),
  'all of it is SYNs, and all are lost',
).toBe(true);
expect(
  usual.syns.every((s) => s.seq === usual.syns[0]!.seq),
  'it is the same SYN each time, with the same sequence number',
).toBe(true);

// The books' version: every wait is twice the one before.
client.host.sysctl('net.ipv4.tcp_syn_linear_timeouts', 0);
const doubling = await callNobody();
expect(doubling.times, 'pure doubling: waits of 1, 2, 4, 8, 16 and 32 s').toEqual([0, 1, 3, 7, 15, 31, 63]);
expect(doubling.gaveUp, 'and 64 s after the last: 127 s in all').toBe(127);

// tcp_syn_retries counts the repetitions.
client.host.sysctl('net.ipv4.tcp_syn_retries', 2);
const short = await callNobody();
expect(short.times, 'with tcp_syn_retries 2 the SYN is repeated twice').toEqual([0, 1, 3]);
expect(short.gaveUp, 'and it gives up at 1 + 2 + 4 = 7 s').toBe(7);

// The socket may try again; this time the line works, and the answer comes at once.
link.release();
const again = now();
await expect(client.connect(short.socket, address), 'a host that is there says at once that nobody listens').toFailWith('ECONNREFUSED');
expect(now() - again, 'a refusal takes one round trip, silence takes minutes').toBeCloseTo(ms(20), ms(1));
