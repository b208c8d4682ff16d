import type { Answer } from './answer.js';

/** What Nextcloud's `status.php` says, which needs no credentials; null for any other target. */
export function statusPage(target: string, basePath: string, isInMaintenance: boolean): Answer | null {
  const [above = '/'] = basePath.split('remote.php/', 1);
  const place = basePath.includes('/remote.php/') ? above : '/';
  if (target !== `${place}status.php`) return null;
  const status = {
    installed: true,
    maintenance: isInMaintenance,
    needsDbUpgrade: false,
    version: '31.0.4.1',
    versionstring: '31.0.4',
    edition: '',
    productname: 'Nextcloud',
    extendedSupport: false,
  };
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(status) };
}

/** What sabre answers to everything while Nextcloud is in maintenance mode. */
export const MAINTENANCE: Answer = {
  status: 503,
  headers: { 'Content-Type': 'application/xml; charset=utf-8', 'X-Nextcloud-Maintenance-Mode': '1' },
  body: `<?xml version="1.0" encoding="utf-8"?>
<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">
  <s:exception>Sabre\\DAV\\Exception\\ServiceUnavailable</s:exception>
  <s:message>System is in maintenance mode.</s:message>
</d:error>
`,
};
