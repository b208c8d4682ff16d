import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../process/installed.js';
import type { MountNamespace } from '../process/mount-namespace.js';
import { type ServerProcess, startServerProcess } from './server-process.js';

/** PROPFIND comes from a module of its own; this is Debian's place for it. */
const DAV_EXT_MODULE = '/usr/lib/nginx/modules/ngx_http_dav_ext_module.so';

const program = findProgram('nginx');

/** What nginx lacks to run here, or null. */
export const nginxMissing: string | null =
  program === null || !existsSync(DAV_EXT_MODULE)
    ? 'nginx with dav-ext (Debian: nginx, libnginx-mod-http-dav-ext)'
    : null;

export interface NginxOptions {
  readonly directory: string;
  /** Requests beyond it are refused (limit_req); without it there is no limit. */
  readonly limit?: RequestLimit;
  /** Where disks come and go for this server alone. */
  readonly mounts?: MountNamespace;
}

/** For all clients together. */
export interface RequestLimit {
  readonly perSecond: number;
  /** So many more are let through at once after a while of quiet. */
  readonly burst: number;
  /** They are held back to the pace instead, as is nginx' default. */
  readonly isQueued?: boolean;
  /** What those get who are too many. */
  readonly status: 429 | 503;
  /** Whole seconds for the header; null: nginx's own answer, which has none. */
  readonly retryAfter: number | null;
}

/** Serves a directory by nginx with dav-ext at the root of the answered URL. */
export async function startNginx({ directory, limit, mounts }: NginxOptions): Promise<ServerProcess> {
  if (program === null) throw new Error(`This machine lacks ${nginxMissing}`);
  return startServerProcess(
    ({ port, scratch }) => {
      const file = join(scratch, 'nginx.conf');
      writeFileSync(file, configuration({ port, scratch, directory, limits: limitDirectives(limit) }));
      return { program, args: ['-p', scratch, '-c', file, '-e', 'stderr'] };
    },
    { mounts },
  );
}

/** For the `http` and the `location` block. */
interface LimitDirectives {
  readonly http: string;
  readonly location: string;
}

function limitDirectives(limit: RequestLimit | undefined): LimitDirectives {
  if (limit === undefined) return { http: '', location: '' };
  const { perSecond, burst, isQueued = false, status, retryAfter } = limit;
  return {
    http: `limit_req_zone $server_addr zone=all:1m rate=${perSecond}r/s;
  map $status $retry_after { default ""; ${status} "${retryAfter ?? ''}"; }`,
    location: `limit_req zone=all${burst === 0 ? '' : ` burst=${burst}${isQueued ? '' : ' nodelay'}`};
      limit_req_status ${status};
      add_header Retry-After $retry_after always;`,
  };
}

function configuration(options: {
  readonly port: number;
  readonly scratch: string;
  readonly directory: string;
  readonly limits: LimitDirectives;
}): string {
  const { port, scratch, directory, limits } = options;
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
  ${limits.http}
  server {
    listen 127.0.0.1:${port};
    root "${directory}";
    location / {
      dav_ext_methods PROPFIND OPTIONS;
      ${limits.location}
    }
  }
}
`;
}
