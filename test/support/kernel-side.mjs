// Programs on the kernel's side of a TUN interface, run by node inside a network namespace. Each prints one line of JSON.
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';

const PIECE = 65_536;

/** The same octets for the same seed, whoever asks. */
function* octets(total) {
  let state = 1;
  for (let left = total; left > 0; left -= PIECE) {
    const piece = Buffer.allocUnsafe(Math.min(left, PIECE));
    for (let i = 0; i < piece.length; i++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      piece[i] = state >>> 24;
    }
    yield piece;
  }
}

/** Sends so many octets and reads their echo; rejects when an octet is missing or another. */
const echoed = (host, port, total) =>
  new Promise((resolve, reject) => {
    const sent = createHash('sha256');
    const back = createHash('sha256');
    let received = 0;
    const socket = connect({ host, port });
    const source = octets(total);
    const pump = () => {
      for (let next = source.next(); !next.done; next = source.next()) {
        sent.update(next.value);
        if (!socket.write(next.value)) return socket.once('drain', pump);
      }
      socket.end();
    };
    socket.on('connect', pump).on('error', reject);
    socket.on('data', (piece) => {
      back.update(piece);
      received += piece.length;
    });
    socket.on('close', () => {
      const intact = received === total && sent.digest('hex') === back.digest('hex');
      if (intact) resolve();
      else reject(new Error(`${received} of ${total} octets came back, or others`));
    });
  });

const say = (fact) => console.log(JSON.stringify(fact));

const PROGRAMS = {
  /** So many connections at once, each with so many octets. */
  async echo(host, port, total, connections = '1') {
    const all = await Promise.allSettled(Array.from({ length: Number(connections) }, () => echoed(host, Number(port), Number(total))));
    const failures = all.flatMap(({ reason }) => (reason ? [reason.message] : []));
    say({ intact: all.length - failures.length, failures: [...new Set(failures)] });
  },
  /** Sends one datagram of so many octets to where nobody takes it; tells the error that comes back. */
  datagram(host, port, total) {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.on('error', ({ code }) => {
      say({ error: code });
      socket.close();
    });
    socket.connect(Number(port), host, () => socket.send(Buffer.alloc(Number(total))));
  },
  /** Echoes one connection and ends. */
  'echo-server'(port) {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.pipe(socket);
      server.close();
    });
    server.listen(Number(port), () => say({ listening: true }));
  },
  /** A page of so many octets, for one visitor. */
  'http-server'(port, total) {
    const server = createHttpServer((_request, response) => {
      response.end(Buffer.concat([...octets(Number(total))]));
      server.close();
    });
    server.listen(Number(port), () => say({ listening: true }));
  },
};

const [program, ...args] = process.argv.slice(2);
await PROGRAMS[program](...args);
