import type { NextcloudWay } from '../../config/first-nextcloud.js';

/** Returns the lines for a shell that give each user of a Nextcloud without a file in the folder an app password there. */
export function appPasswordLines(folder: string): readonly string[] {
  return [
    `umask 077 && cd ${folder}`,
    'occ() { sudo -u www-data php /var/www/nextcloud/occ -n "$@" </dev/null; }',
    "occ user:list --limit=1000000 | sed -n 's/^  - \\([^:]*\\):.*/\\1/p' | while IFS= read -r user; do",
    '  [ -e "./$user" ] || { occ user:auth-tokens:add "$user" | grep -xE \'[A-Za-z0-9]{72}\' >"./.$user" &&',
    '    chown ovadex "./.$user" && mv "./.$user" "./$user"; }',
    'done',
  ];
}

/** Returns what has to be done before there is something to index; `folder` is that of the app passwords, for a shell. */
export function nextcloudSteps(way: NextcloudWay | null, folder: string): readonly string[] {
  switch (way) {
    case 'credentials':
      return [
        `give each user a file with an app password in ${folder}; as root on the machine of Nextcloud, these lines do:`,
        ...appPasswordLines(folder).map((line) => `  ${line}`),
      ];
    case 'link':
      return [
        'give each user a token, with which they connect their storage:',
        '  curl -X POST -H "Authorization: Bearer TOKEN" http://127.0.0.1:8080/v2/user/space/link',
      ];
    default:
      return [];
  }
}
