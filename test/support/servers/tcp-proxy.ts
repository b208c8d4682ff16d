import { connect, createServer, type Socket } from 'node:net';

/** Forwards connections to a port of this machine, until it is told otherwise. */
export interface TcpProxy {
  readonly port: number;
  /** How many connections have been opened. */
  opened(): number;
  /** Nothing arrives in either direction any more, and the connections stay open; so do new ones. */
  cut(): void;
  /** Forwards new connections again; those that were cut stay so. */
  mend(): void;
  /** Breaks all connections, and forwards new ones to this port. */
  leadTo(target: number): void;
  stop(): void;
}

/** Starts a proxy at a free port of 127.0.0.1. */
export async function startTcpProxy(first: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let target = first;
  let isCut = false;
  let count = 0;
  const join = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on('data', (bytes) => to.write(bytes));
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((client) => {
    count += 1;
    if (isCut) {
      sockets.add(client.pause());
      client.on('error', () => undefined);
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    join(client, upstream);
    join(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a server of TCP has a port');
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    opened: () => count,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.pause().removeAllListeners('data');
    },
    mend() {
      isCut = false;
    },
    leadTo(next) {
      target = next;
      breakAll();
    },
    stop() {
      breakAll();
      server.close();
    },
  };
}
