import { fileURLToPath } from 'node:url';
import { type ServerProcess, startServerProcess } from '../../support/servers/server-process.js';
import type { GeneratedSpace } from './generated-multistatus.js';

export interface GeneratedServer extends ServerProcess {
  /** From now on it serves this space. */
  become(space: GeneratedSpace): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('./generated-space.ts', import.meta.url));

/** Serves an empty space. */
export async function startGeneratedSpace(): Promise<GeneratedServer> {
  const server = await startServerProcess(({ port }) => ({
    program: process.execPath,
    args: ['--import', 'tsx', PROGRAM, `${port}`],
  }));
  return {
    ...server,
    async become(space) {
      const response = await fetch(server.url, { method: 'PUT', body: JSON.stringify(space) });
      if (!response.ok) throw new Error(`${server.url} answered ${response.status}`);
    },
  };
}
