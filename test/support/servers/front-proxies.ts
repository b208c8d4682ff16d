import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from '../certificates.js';
import { findProgram } from '../process/installed.js';
import { serverAccount } from './server-account.js';
import { freePort, type ServerProcess, startServerProcess } from './server-process.js';

/** How the API is reached through one: what a snippet has other lines for. */
export interface FrontOptions {
  /** A port of 127.0.0.1, or the path of a unix socket. */
  readonly target: number | string;
  readonly hasPrefix: boolean;
  readonly identity: Identity;
}

/** A proxy before the API, by the snippet that the project ships; `url` is that of its TLS. */
export interface FrontProxy {
  readonly name: string;
  readonly missing: string | null;
  readonly start: (options: FrontOptions) => Promise<ServerProcess>;
}

interface Place {
  readonly snippet: string;
  readonly port: number;
  /** A port for whoever asks whether it is up, for a proxy that answers no plain HTTP at the other. */
  readonly readyPort: number;
  /** A folder that the proxy's account may write to. */
  readonly own: string;
  readonly certificate: string;
  readonly key: string;
  readonly both: string;
}

const SNIPPETS = new URL('../../../config/proxies/', import.meta.url);

/**
 * A snippet with the lines for these tags: each takes the place of the line above it, or is added where a remark stands
 * above it.
 */
export function withTags(text: string, tags: readonly string[]): string {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const [, tag = '', instead = ''] = /^\s*#([A-Z]+):(.*)$/.exec(line) ?? [];
    if (!tags.includes(tag)) {
      lines.push(line);
      continue;
    }
    let above = lines.length - 1;
    while (/^\s*#[A-Z]+:/.test(lines[above] ?? '')) above -= 1;
    if (/^\s*#/.test(lines[above] ?? '#')) lines.push(instead);
    else lines.splice(above, 1, instead);
  }
  return lines.join('\n');
}

function frontProxy(
  name: string,
  programName: string,
  file: string,
  configure: (place: Place) => { readonly configuration: string; readonly args: readonly string[]; asAccount?: true },
  { hasReadyPort = false } = {},
): FrontProxy {
  const program = findProgram(programName);
  const missing = program === null ? `${name} (Debian: ${programName})` : null;
  return {
    name,
    missing,
    async start({ target, hasPrefix, identity }) {
      if (program === null) throw new Error(`This machine lacks ${missing}`);
      const tags = [...(typeof target === 'string' ? ['SOCKET'] : []), ...(hasPrefix ? ['PREFIX'] : [])];
      const snippet = withTags(readFileSync(new URL(file, SNIPPETS), 'utf8'), tags)
        .replaceAll('127.0.0.1:8080', `127.0.0.1:${target}`)
        .replaceAll('/run/ovadex/api.sock', `${target}`);
      const readyPort = await freePort();
      const port = hasReadyPort ? await freePort() : readyPort;
      const server = await startServerProcess(
        ({ scratch }) => {
          const own = join(scratch, 'own');
          mkdirSync(own);
          if (serverAccount !== null) chownSync(own, serverAccount.uid, serverAccount.gid);
          const put = (file: string, content: string) => {
            writeFileSync(join(own, file), content, { mode: 0o644 });
            return join(own, file);
          };
          const { configuration, args, asAccount } = configure({
            snippet,
            port,
            readyPort,
            own,
            certificate: put('certificate.pem', identity.certificate),
            key: put('key.pem', identity.key),
            both: put('both.pem', `${identity.certificate}\n${identity.key}`),
          });
          writeFileSync(join(own, 'conf'), configuration);
          const account = asAccount ? serverAccount : null;
          const logFile = join(own, 'error.log'); // Apache can't open a stderr that is a socket
          return { program, args, account, logFile, env: { HOME: own, XDG_DATA_HOME: own, XDG_CONFIG_HOME: own } };
        },
        { port: readyPort },
      );
      return { ...server, port, url: `https://127.0.0.1:${port}/` };
    },
  };
}

const MODULES = ['mpm_event', 'authz_core', 'socache_shmcb', 'ssl', 'proxy', 'proxy_http'];

export const FRONT_PROXIES: readonly FrontProxy[] = [
  frontProxy('nginx', 'nginx', 'nginx.conf', ({ snippet, port, own, certificate, key }) => ({
    args: ['-p', own, '-c', join(own, 'conf'), '-e', 'stderr'],
    configuration: `
${process.getuid?.() === 0 ? 'user www-data;' : ''}
daemon off;
worker_processes 1;
pid "${join(own, 'nginx.pid')}";
error_log stderr error;
events { worker_connections 256; }
http {
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((each) => `${each}_temp_path "${join(own, each)}";`).join('\n  ')}
${snippet
  .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
  .replace('/etc/ssl/certs/vss-api.pem', certificate)
  .replace('/etc/ssl/private/vss-api.key', key)
  .replace('/var/log/nginx/ovadex.access.log', join(own, 'access.log'))}
}
`,
  })),
  frontProxy('Caddy', 'caddy', 'Caddyfile', ({ snippet, port, own, certificate, key }) => ({
    args: ['run', '--adapter', 'caddyfile', '--config', join(own, 'conf')],
    asAccount: true,
    // No authority of this machine makes certificates, and no port below 1024 is opened.
    configuration: `{
	admin off
	auto_https disable_redirects
	log {
		level ERROR
	}
}
${snippet.replace(/^vss-api\.example\.org \{$/m, `https://vss-api.example.org:${port} {\n\tbind 127.0.0.1\n\ttls ${certificate} ${key}`)}
`,
  })),
  frontProxy(
    'HAProxy',
    'haproxy',
    'haproxy.cfg',
    ({ snippet, port, readyPort, own, both }) => ({
      args: ['-db', '-f', join(own, 'conf')],
      asAccount: true,
      configuration: `
${snippet.replace('bind :443', `bind 127.0.0.1:${port}`).replace('/etc/haproxy/vss-api.pem', both)}
frontend ready
  mode http
  timeout client 5s
  bind 127.0.0.1:${readyPort}
  http-request return status 200
`,
    }),
    { hasReadyPort: true },
  ),
  frontProxy(
    'Apache',
    'apache2',
    'apache.conf',
    ({ snippet, port, readyPort, own, certificate, key }) => ({
      args: ['-DFOREGROUND', '-f', join(own, 'conf')],
      configuration: [
        ...MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
        `ServerRoot "${own}"`,
        `DefaultRuntimeDir "${own}"`,
        `PidFile "${join(own, 'apache.pid')}"`,
        `Mutex file:${own} default`,
        `ErrorLog "${join(own, 'error.log')}"`,
        `Listen 127.0.0.1:${port}`,
        `Listen 127.0.0.1:${readyPort}`,
        'ServerName 127.0.0.1',
        ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
        snippet
          .replace('*:443', `127.0.0.1:${port}`)
          .replace('/etc/ssl/certs/vss-api.pem', certificate)
          .replace('/etc/ssl/private/vss-api.key', key)
          .replace('/var/log/apache2/ovadex.access.log', join(own, 'access.log')),
        '',
      ].join('\n'),
    }),
    { hasReadyPort: true },
  ),
];
