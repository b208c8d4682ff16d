import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './installed.js';
import { type ServerProcess, startServerProcess } from './server-process.js';

/** PROPFIND comes from a module of its own; this is Debian's place for it. */
const DAV_EXT_MODULE = '/usr/lib/nginx/modules/ngx_http_dav_ext_module.so';

const program = findProgram('nginx');

/** What nginx lacks to run here, or null. */
export const nginxMissing: string | null =
  program === null || !existsSync(DAV_EXT_MODULE)
    ? 'nginx with dav-ext (Debian: nginx, libnginx-mod-http-dav-ext)'
    : null;

/** Serves a directory by nginx with dav-ext at the root of the answered URL. */
export async function startNginx({ directory }: { readonly directory: string }): Promise<ServerProcess> {
  if (program === null) throw new Error(`This machine lacks ${nginxMissing}`);
  return startServerProcess(({ port, scratch }) => {
    const file = join(scratch, 'nginx.conf');
    writeFileSync(file, configuration({ port, scratch, directory }));
    return { program, args: ['-p', scratch, '-c', file, '-e', 'stderr'] };
  });
}

function configuration(options: {
  readonly port: number;
  readonly scratch: string;
  readonly directory: string;
}): string {
  const { port, scratch, directory } = options;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path "${join(scratch, name)}";`,
  );
  return `
load_module ${DAV_EXT_MODULE};
${process.getuid?.() === 0 ? 'user www-data;' : ''}
daemon off;
worker_processes 1;
pid "${join(scratch, 'nginx.pid')}";
error_log stderr error;
events { worker_connections 256; }
http {
  access_log off;
  keepalive_requests 1000000;
  ${temporary.join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    root "${directory}";
    location / { dav_ext_methods PROPFIND OPTIONS; }
  }
}
`;
}
