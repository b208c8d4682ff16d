import { createServer } from 'node:net';

/** Returns `preferred` if nothing listens there on 127.0.0.1, else 0 for any free port. */
export async function preferPort(preferred: number): Promise<number> {
  const probe = createServer();
  return await new Promise((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(0);
      else reject(error);
    });
    probe.listen(preferred, '127.0.0.1', () => probe.close(() => resolve(preferred)));
  });
}
