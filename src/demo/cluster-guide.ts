import type { DemoHost } from './cluster-config.js';

const addressOf = ({ url }: DemoHost): string => new URL(url).host;

/** Returns the part of an HAProxy configuration that leads clients to whichever of the hosts that answer is there. */
export function haproxyOf(hosts: readonly DemoHost[]): readonly string[] {
  return [
    'frontend ovadex',
    '  mode http',
    '  bind 127.0.0.1:8090',
    '  timeout client 90s',
    '  default_backend ovadex',
    'backend ovadex',
    '  mode http',
    '  option forwardfor',
    '  option httpchk',
    '  http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host ovadex',
    '  timeout connect 5s',
    '  timeout server 90s',
    // A host that dies is noticed by the first question that it doesn't take, which another one is asked then.
    '  option redispatch 1',
    '  retry-on conn-failure empty-response',
    ...hosts
      .filter(({ role }) => role === 'api')
      .map((host) => `  server ${host.name} ${addressOf(host)} check inter 1s fall 1`),
  ];
}
