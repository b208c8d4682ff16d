import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../process/installed.js';
import { serverAccount } from './server-account.js';
import { type ServerPlace, type ServerProcess, startServerProcess } from './server-process.js';

/** A program in front of a WebDAV server, with as little configuration as it takes. */
export interface ReverseProxy {
  readonly name: 'nginx' | 'haproxy' | 'varnish' | 'squid';
  /** What this machine lacks to run it, or null. */
  readonly missing: string | null;
  /** Passes on to a port of 127.0.0.1 what comes to the answered URL. */
  readonly start: (options: { readonly target: number; readonly port?: number }) => Promise<ServerProcess>;
}

type Command = (place: ServerPlace & { readonly target: number; readonly file: string }) => {
  readonly configuration: string;
  readonly args: readonly string[];
  /** It can't drop root's rights itself. */
  readonly asAccount?: true;
};

function reverseProxy(name: ReverseProxy['name'], programName: string, command: Command): ReverseProxy {
  const program = findProgram(programName);
  const missing = program === null ? `${name} (Debian: ${name})` : null;
  return {
    name,
    missing,
    async start({ target, port }) {
      if (program === null) throw new Error(`This machine lacks ${missing}`);
      return startServerProcess(
        ({ port, scratch }) => {
          const own = join(scratch, 'own');
          mkdirSync(own);
          if (serverAccount !== null) chownSync(own, serverAccount.uid, serverAccount.gid);
          const file = join(scratch, `${name}.conf`);
          const { configuration, args, asAccount } = command({ port, scratch: own, target, file });
          writeFileSync(file, configuration);
          return { program, args, account: asAccount ? serverAccount : null };
        },
        { port },
      );
    },
  };
}

export const REVERSE_PROXIES: readonly ReverseProxy[] = [
  reverseProxy('nginx', 'nginx', ({ port, scratch, target, file }) => ({
    args: ['-p', scratch, '-c', file, '-e', 'stderr'],
    configuration: `
${process.getuid?.() === 0 ? 'user www-data;' : ''}
daemon off;
worker_processes 1;
pid "${join(scratch, 'nginx.pid')}";
error_log stderr error;
events { worker_connections 256; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((each) => `${each}_temp_path "${join(scratch, each)}";`).join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://127.0.0.1:${target}; }
  }
}
`,
  })),
  reverseProxy('haproxy', 'haproxy', ({ port, target, file }) => ({
    args: ['-db', '-f', file],
    asAccount: true,
    configuration: `
global
  maxconn 256
defaults
  mode http
  timeout connect 5s
  # A server that is away is away: by itself it asks again each second.
  retries 0
  timeout client 60s
  timeout server 60s
listen dav
  bind 127.0.0.1:${port}
  server apache 127.0.0.1:${target}
`,
  })),
  reverseProxy('varnish', 'varnishd', ({ port, scratch, target, file }) => ({
    args: ['-F', '-j', 'none', '-a', `127.0.0.1:${port}`, '-f', file, '-n', join(scratch, 'n'), '-s', 'malloc,16m'],
    asAccount: true,
    configuration: `
vcl 4.1;
backend apache { .host = "127.0.0.1"; .port = "${target}"; }
`,
  })),
  reverseProxy('squid', 'squid', ({ port, scratch, target, file }) => ({
    args: ['-N', '-f', file],
    configuration: `
http_port 127.0.0.1:${port} accel defaultsite=127.0.0.1 no-vhost
cache_peer 127.0.0.1 parent ${target} 0 no-query originserver
http_access allow all
cache_mem 8 MB
access_log none
cache_log ${join(scratch, 'cache.log')}
pid_filename none
netdb_filename none
coredump_dir ${scratch}
pinger_enable off
shutdown_lifetime 0 seconds
${serverAccount === null ? '' : `cache_effective_user ${serverAccount.name}`}
`,
  })),
];
