import { describe, expect, test } from 'vitest';
import { run } from '../testing/run.ts';

/** A connection: `socket` at the client, `connection` at the server. */
const TALK = `
  const { client, server, link } = lab.twoHosts({ delay: ms(10) });
  const there = { address: '10.0.0.2', port: 9502 };
  const listener = await server.socket(AF_INET, SOCK_STREAM);
  await server.bind(listener, there);
  await server.listen(listener);
  const socket = await client.socket(AF_INET, SOCK_STREAM);`;
const CONNECTED = `${TALK}
  await client.connect(socket, there);
  const connection = await server.accept(listener);
  await sleep(1);`;

describe('calls', () => {
  test('datagrams over IPv6, with their sender and their whole length', async () => {
    const { said } = await run(`
      const a = lab.host('a', { addresses: ['fd00::1/64'] }), b = lab.host('b', { addresses: ['fd00::2/64'] });
      lab.link(a, b, { delay: ms(1) });
      const [one, two] = [a.process('one'), b.process('two')];
      const [from, to] = [await one.socket(AF_INET6, SOCK_DGRAM), await two.socket(AF_INET6, SOCK_DGRAM)];
      await two.bind(to, { address: IN6ADDR_ANY, port: 53 });
      await one.bind(from, { address: IN6ADDR_ANY, port: 4000 });
      await one.sendto(from, 'a question', 0, { address: 'fd00::2', port: 53 });
      const got = await two.recvfrom(to, 3, MSG_TRUNC);
      console.log(text(got.data), got.length, got.from);
      await two.sendmsg(to, { buffers: ['an ', 'answer'], to: got.from! });
      console.log(text(await one.recv(from, 100)));`);
    expect(said).toEqual(["a q 10 { address: 'fd00::1', port: 4000 }", 'an answer']);
  });
  test('AF_UNIX by path, and pairs', async () => {
    const { said } = await run(`
      const { client } = lab.twoHosts();
      const listener = await client.socket(AF_UNIX, SOCK_STREAM);
      await client.bind(listener, { path: '/run/echo' });
      await client.listen(listener);
      const caller = await client.socket(AF_UNIX, SOCK_STREAM);
      await client.connect(caller, { path: '/run/echo' });
      console.log((await client.getpeername(caller)).address, await client.accept(listener));
      const [one, other] = await client.socketpair(AF_UNIX, SOCK_DGRAM);
      await client.send(one, 'hello');
      console.log(text(await client.recv(other, 100)));
      await client.close(listener);
      const again = await client.socket(AF_UNIX, SOCK_STREAM);
      await expect(client.bind(again, { path: '/run/echo' }), 'the file is still there').toFailWith('EADDRINUSE');
      await client.unlink('/run/echo');
      await client.bind(again, { path: '/run/echo' });`);
    expect(said).toEqual(['/run/echo 5', 'hello']);
  });
  test('the flags of send and recv', async () => {
    const { said, failed } = await run(`${CONNECTED}
      await expect(server.recv(connection, 10, MSG_DONTWAIT), 'nothing yet').toFailWith('EAGAIN');
      await client.send(socket, 'one ', MSG_MORE);
      await sleep(0.1);
      console.log(link.segments().filter((s) => s.length > 0).length);
      await client.send(socket, 'two!');
      await client.send(socket, '!', MSG_OOB);
      await sleep(0.1);
      console.log(text(await server.recv(connection, 100, MSG_PEEK)), await server.ioctl(connection, SIOCINQ));
      console.log(text(await server.recv(connection, 1, MSG_OOB)), link.segments().some((s) => s.flags.includes('URG') && s.urgent > 0));
      console.log(text(await server.recv(connection, 100)), await server.ioctl(connection, SIOCATMARK));
      link.drop(() => true);
      await client.send(socket, 'lost');
      console.log(await client.ioctl(socket, SIOCOUTQ));`);
    expect(failed).toEqual([]);
    expect(said).toEqual(['0', 'one two! 8', '! true', 'one two! 1', '4']);
  });
  test('a SYN with data, once there is a cookie', async () => {
    const { said } = await run(`
      const { client, server, link } = lab.twoHosts({ delay: ms(10), server: { 'net.ipv4.tcp_fastopen': 3 } });
      const there = { address: '10.0.0.2', port: 9502 };
      const listener = await server.socket(AF_INET, SOCK_STREAM);
      await server.bind(listener, there);
      await server.setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, 5);
      await server.setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN_KEY, Uint8Array.from({ length: 16 }, (_, i) => i));
      await server.listen(listener);
      for (const words of ['first', 'second']) {
        const fd = await client.socket(AF_INET, SOCK_STREAM);
        await client.sendto(fd, words, MSG_FASTOPEN, there);
        await sleep(1);
      }
      console.log(await server.getsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN_KEY));
      const syns = link.segments().filter((s) => s.flags === 'SYN');
      console.log(syns.map((s) => s.length + ' ' + (s.options.fastOpen ?? '-').length).join(', '));`);
    expect(said).toEqual(['1', '0 0, 6 16']);
  });
  test('options with words, and everything TCP_INFO has', async () => {
    const { said, failed } = await run(`${CONNECTED}
      await client.setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, 'reno');
      console.log(await client.getsockopt(socket, IPPROTO_TCP, TCP_CONGESTION), await client.getsockopt(socket, SOL_SOCKET, SO_KEEPALIVE));
      await expect(client.setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, 'none'), 'unknown').toFailWith('ENOENT');
      const info = client.tcpInfo(socket);
      console.log(info.tcpi_state, info.tcpi_snd_cwnd, info.tcpi_rtt, info.tcpi_min_rtt, server.tcpInfo(listener).tcpi_state);`);
    expect(failed).toEqual([]);
    expect(said).toEqual(['reno false', '1 10 20000 20000 10']);
  });
  test('poll and epoll tell what is ready, and end in time', async () => {
    const { said } = await run(`${CONNECTED}
      const before = now();
      console.log(await server.poll([{ fd: connection, events: POLLIN }], 0.5), (now() - before).toFixed(3));
      const set = await server.epoll_create();
      await server.epoll_ctl(set, EPOLL_CTL_ADD, connection, EPOLLIN | EPOLLET);
      const waiting = server.epoll_wait(set, 8);
      await client.send(socket, 'x');
      console.log(await waiting, await server.epoll_wait(set, 8, 0));
      console.log(await server.poll([{ fd: connection, events: POLLIN | POLLOUT }, { fd: 99, events: POLLIN }]));`);
    expect(said).toEqual(['[] 0.500', '[{ fd: 4, events: 1 }] []', '[{ fd: 4, revents: 5 }, { fd: 99, revents: 32 }]']);
  });
  test('without waiting, and with two descriptors of one socket', async () => {
    const { failed, said } = await run(`${TALK}
      await client.fcntl(socket, F_SETFL, O_NONBLOCK);
      await expect(client.connect(socket, there), 'under way').toFailWith('EINPROGRESS');
      const same = await client.dup(socket);
      await client.poll([{ fd: same, events: POLLOUT }]);
      await client.close(socket);
      console.log(client.state(same), client.history(same).join('>'));`);
    expect(failed).toEqual([]);
    expect(said).toEqual(['ESTABLISHED CLOSED>SYN-SENT>ESTABLISHED']);
  });
});

describe('the network', () => {
  test('hosts that reach each other through a router', async () => {
    const { said } = await run(`
      const a = lab.host('a', { addresses: ['10.1.0.1/24'], routes: [{ to: 'default', via: '10.1.0.254' }] });
      const router = lab.host('router', { addresses: ['10.1.0.254/24', '10.2.0.254/24'], sysctls: { 'net.ipv4.ip_forward': 1 } });
      const b = lab.host('b', { addresses: ['10.2.0.1/24'] });
      lab.link(a, router, { delay: ms(1) });
      const far = lab.link(router, b, { delay: ms(2), mtu: 1400 });
      b.route({ to: '10.1.0.0/24', via: '10.2.0.254' });
      const [client, server] = [a.process('client'), b.process('server')];
      const listener = await server.socket(AF_INET, SOCK_STREAM);
      await server.bind(listener, { address: '10.2.0.1', port: 80 });
      await server.listen(listener);
      const fd = await client.socket(AF_INET, SOCK_STREAM);
      await client.connect(fd, { address: '10.2.0.1', port: 80 });
      console.log(now(), far.segments().map((s) => s.from + ' ' + s.flags).join('; '));`);
    expect(said).toEqual(['0.006 router SYN; b SYN,ACK']);
  });
  test('says why a segment was sent', async () => {
    const { said } = await run(`${CONNECTED}
      link.drop((s) => s.length > 0 && s.number < 8);
      await client.send(socket, 'x');
      await sleep(5);
      console.log(link.segments().map((s) => s.cause).join(' '));`);
    expect(said[0]).toMatch(/^syn syn-ack ack data loss-probe .*retransmission ack$/);
  });
  test('impossible routes and settings are refused with a reason', async () => {
    const { report } = await run(`lab.host('a', { addresses: ['10.1.0.1/24'], routes: [{ to: 'default', via: 'nobody' }] });`);
    expect(report.error?.message).toContain('"nobody" is no address of a router');
  });
});

describe('segments made by hand', () => {
  test('a RST at the next number ends the connection; one in the window earns a challenge ACK', async () => {
    const { said, failed } = await run(`${CONNECTED}
      const mine = await client.getsockname(socket);
      link.inject({ from: there, to: mine, flags: 'RST', relativeSeq: 100 });
      await sleep(0.1);
      const { flags, cause, from } = link.segments().at(-1)!;
      console.log(client.state(socket), from, flags, cause);
      link.inject({ from: there, to: mine, flags: 'RST', relativeSeq: 1 });
      await sleep(0.1);
      console.log(client.state(socket), link.segments().filter((s) => s.cause === 'injected').map((s) => s.from + ' ' + s.flags).join('; '));
      await expect(client.recv(socket, 1), 'reset').toFailWith('ECONNRESET');`);
    expect(failed).toEqual([]);
    expect(said).toEqual(['ESTABLISHED client ACK challenge-ack', 'CLOSED server RST; server RST']);
  });
  test('a whole conversation: SYN with options, data, an answer', async () => {
    const { said } = await run(`${TALK}
      const from = { address: '10.0.0.1', port: 4000 };
      link.drop((s) => s.from === 'client' && s.cause !== 'injected');
      const options = { mss: 1000, windowScale: 3, sackPermitted: true, timestamps: { value: 7, echo: 0 } };
      link.inject({ from, to: there, flags: 'SYN', seq: 4294967295, options });
      await sleep(0.1);
      const [syn, answer] = link.segments();
      console.log(syn!.options, answer!.ack, answer!.options.timestamps!.echo);
      link.inject({ from, to: there, flags: 'PSH,ACK', relativeSeq: 1, relativeAck: 1, payload: 'hello', options: { timestamps: { value: 8, echo: answer!.options.timestamps!.value } } });
      const fd = await server.accept(listener);
      console.log(text(await server.recv(fd, 100)), server.tcpInfo(fd).tcpi_snd_wscale, server.tcpInfo(fd).tcpi_snd_mss);`);
    expect(said).toEqual(['{ mss: 1000, sackPermitted: true, timestamps: { value: 7, echo: 0 }, windowScale: 3 } 0 7', 'hello 3 988']);
  });
  test('an old duplicate', async () => {
    const { said } = await run(`${CONNECTED}
      await client.send(socket, 'once');
      await sleep(1);
      link.replay(link.segments().find((s) => s.length > 0)!);
      await sleep(1);
      console.log(link.segments().slice(-2).map((s) => s.from + ' ' + s.length + ' ' + s.cause).join('; '));
      console.log(text(await server.recv(connection, 100)));`);
    expect(said).toEqual(['client 4 injected; server 0 ack', 'once']);
  });
  test.each([
    ["{ from: { address: 'x', port: 1 }, to: there, flags: 'RST' }", '"x" is no IP address'],
    ["{ from: there, to: { address: '10.0.0.9', port: 1 }, flags: 'RST', relativeSeq: 1 }", 'relative numbers have no beginning'],
    ["{ from: { address: '10.0.0.8', port: 1 }, to: { address: '10.0.0.9', port: 1 }, flags: 'RST' }", 'neither end of this link'],
    ["{ from: there, to: there, flags: 'BOO' }", 'flags are FIN, SYN'],
    ["{ from: there, to: there, flags: 'ACK', seq: -1 }", 'segment.seq'],
    [
      "{ from: there, to: there, flags: 'ACK', options: { sack: [1, 2, 3, 4].map((n) => ({ left: n, right: n })), timestamps: { value: 1, echo: 1 } } }",
      '40 octets of options',
    ],
  ])('%s cannot be', async (segment, message) => {
    const { report } = await run(`${TALK} link.inject(${segment} as HandMadeSegment);`);
    expect(report.error?.message).toContain(message);
  });
});
