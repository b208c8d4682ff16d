import { type AddressInfo, createServer } from 'node:net';

/**
 * Returns `preferred` if nothing listens there on 127.0.0.1, else a port that is free now: commands find the daemon by
 * the configuration, which has to name its port.
 */
export async function preferPort(preferred: number): Promise<number> {
  const probe = createServer();
  return await new Promise((resolve, reject) => {
    probe.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') probe.listen(0, '127.0.0.1');
      else reject(error);
    });
    probe.on('listening', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
    probe.listen(preferred, '127.0.0.1');
  });
}
