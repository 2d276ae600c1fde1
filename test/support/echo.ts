import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/**
 * An echo server on a real kernel socket that closes a moment after its client has, so that the client is seen waiting in
 * FIN-WAIT-2 and the server in CLOSE-WAIT.
 */
export async function echoServer(port = 0): Promise<{ readonly server: Server; readonly port: number; close(): Promise<void> }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (octets) => socket.write(octets));
    socket.on('end', () => setTimeout(() => socket.end(), 120));
    socket.on('error', () => socket.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

/** Runs a real client program against the echo server; gives what it printed. */
async function client(program: string, args: readonly string[], says: string): Promise<string> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let heard = '';
  child.stdout.on('data', (octets) => {
    heard += octets;
    // It has its echo: after a moment, as long as a person takes, the end of its input makes it close.
    if (heard.includes(says.trim())) setTimeout(() => child.stdin.end(), 250);
  });
  child.stdin.write(says);
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await once(child, 'close');
  clearTimeout(timer);
  return heard;
}

export const ncSays = (port: number, says: string): Promise<string> => client('nc', ['-N', '127.0.0.1', String(port)], says);
export const telnetSays = (port: number, says: string): Promise<string> => client('telnet', ['127.0.0.1', String(port)], says);
