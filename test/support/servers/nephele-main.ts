import { createServer } from 'node:http';
import { Adapter } from '@nephele/adapter-file-system';
import * as nephele from 'nephele';

/**
 * nephele in a process of its own: `nephele-main.ts DIRECTORY PORT [UID GID]` serves the
 * directory to everybody, and reads it as that account once its own code is loaded.
 */
const [directory = '', port, uid, gid] = process.argv.slice(2);

if (uid !== undefined && gid !== undefined) {
  process.setgroups?.([Number(gid)]);
  process.setgid?.(Number(gid));
  process.setuid?.(Number(uid));
}

const app = nephele.createServer({
  adapter: new Adapter({ root: directory }),
  authenticator: {
    async authenticate() {
      return { username: 'anybody' };
    },
    async cleanAuthentication() {},
  },
});
createServer((request, response) => void app(request, response)).listen(Number(port), '127.0.0.1');
