import { describe, expect, test } from 'vitest';
import type { KeyPath } from '../../../src/config/source/document.js';
import { literalProblem, literalProblems } from '../../../src/config/source/literals.js';
import { problemsIn } from '../config-folder.js';

const at = (path: string): KeyPath =>
  path
    .split('.')
    .flatMap((part) => part.split(/[[\]]/).filter((each) => each !== ''))
    .map((each) => (/^\d+$/.test(each) ? Number(each) : each));

describe('a text that is not taken as it was meant', () => {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: what people write into a configuration
  test.each<[path: string, text: string, problem: string | null]>([
    ['storage.auth.password', '${DAV_PASS}', 'in passwordFile'],
    ['storage.auth.password', 'a${DAV_PASS}b', 'in passwordFile'],
    ['storage.auth.password', '${CREDENTIALS_DIRECTORY}/dav.password', 'in passwordFile'],
    ['storage.auth.password', '{env.DAV_PASS}', 'in passwordFile'],
    ['storage.auth.password', '{{ dav_pass }}', 'in passwordFile'],
    ['storage.auth.password', '{user}', 'in passwordFile'],
    ['storage.auth.password', '$ecret{x}$', null],
    ['storage.auth.password', '~tilde', null],
    ['spaces[3].auth.token', '${TOKEN}', 'in tokenFile'],
    ['storage.headers.X-Api-Key', '${KEY}', 'a mapping with "file"'],
    ['storage.headers.directory', '~', null],
    ['storage.headers.X-Api-Key.file', '~/key', '~ is not expanded here'],
    ['storage.proxy', 'http://${USER}:x@proxy:3128', 'in passwordFile'],
    ['storage.proxy.password', '${X}', 'in passwordFile'],
    ['storage.auth.username', '${DAV_USER}', '${DAV_USER} is not expanded here; write the name itself'],
    ['storage.auth.username', '{name}', '{name} has no meaning here; write the name itself'],
    ['spaces[0].user', '{user}', '{user} has no meaning here'],
    ['spaces[0].user', '${USER}', '${USER} is not expanded here'],
    ['spaces[0].user', 'o{x', null],
    ['storage.url', 'https://${HOST}/{user}/', '${HOST} is not expanded here; write the URL itself'],
    ['storage.url', 'https://$HOST/{user}/', 'must be written out'],
    ['storage.url', 'https://dav.example.org/$USER/', 'must be written out'],
    ['storage.url', 'https://dav.example.org/share$/{user}/', null],
    ['spaces[0].discover', 'https://dav.example.org/${X}/', '${X} is not expanded'],
    ['server.publicUrl', 'https://${HOST}', '${HOST} is not expanded'],
    ['server.listen', '${HOST}:8080', '${HOST} is not expanded'],
    ['server.listen', 'unix:~/api.sock', '~ is not expanded'],
    ['server.listen', 'unix:$XDG_RUNTIME_DIR/api.sock', '$XDG_RUNTIME_DIR is not expanded here; write the path'],
    ['server.metricsListen', 'unix:${CREDENTIALS_DIRECTORY}/x', null],
    ['data.directory', '${DATA_DIR}', '${DATA_DIR} is not expanded here; write the path itself'],
    ['data.directory', '/srv/${X}/data', '${X} is not expanded here'],
    ['data.directory', '${X:-/srv}', '${X:-/srv} is not expanded here'],
    ['data.directory', '${X', '${X is not expanded here'],
    ['data.directory', '~', '~ is not expanded'],
    ['data.directory', '~jm/data', '~ is not expanded'],
    ['data.directory', '$HOME', '$HOME is not expanded'],
    ['data.directory', '$HOME/data', '$HOME is not expanded'],
    ['data.directory', '/srv/$USER/data', '$USER is not expanded'],
    ['data.directory', '/srv/{host}/data', '{host} has no meaning here'],
    ['data.directory', './~data', null],
    ['data.directory', '/srv/share$/$RECYCLE.BIN/a~b', null],
    ['spaces[0].watch', '/srv/dav/{user}', '{user} has no meaning here; write the path out for each space'],
    ['storage.auth.passwordFile', '${CREDENTIALS_DIRECTORY}/dav.password', null],
    ['storage.auth.passwordFile', '${CREDENTIALS_DIRECTORY}', '${CREDENTIALS_DIRECTORY} is not expanded here'],
    ['storage.auth.passwordFile', '/x/${CREDENTIALS_DIRECTORY}/dav', '${CREDENTIALS_DIRECTORY} is not expanded here'],
    ['storage.auth.passwordFile', '${CREDENTIALS_DIRECTORY}/${X}', '${X} is not expanded here'],
    ['storage.auth.passwordFile', '{name}.password', '{name} has no meaning here'],
    ['storage.tls.key', '~/client.key', '~ is not expanded'],
    ['include[1]', '~/spaces.d/*.yaml', '~ is not expanded'],
    ['crawl.exclude[0]', '{a,b}/**', null],
    ['crawl.exclude[0]', '${X}/**', '${X} is not expanded here; write the value itself'],
    ['crawl.exclude[0]', '{user}/tmp', '{user} is replaced only in url'],
    ['crawl.spacesAtOnce', '${N}', '${N} is not expanded here'],
  ])('%s: %s', (path, text, problem) => {
    const told = literalProblem(at(path), text);
    if (problem === null) expect(told).toBeNull();
    else expect(told).toContain(problem);
  });

  test('is told once, with its place and beside all others, and no secret is quoted', async () => {
    const found = await problemsIn(`data: { directory: "\${DATA_DIR}" }
storage:
  url: "https://\${HOST}/{user}/"
  auth: { type: basic, username: "\${DAV_USER}", password: "\${hunter2}" }
crawl: { spacesAtOnce: "\${N}", maxDepth: 0 }
`);
    expect(found.map((line) => /^[\d:]+ [\w.]+/.exec(line)?.[0])).toEqual([
      '1:20: data.directory',
      '3:8: storage.url',
      '4:34: storage.auth.username',
      '4:59: storage.auth.password',
      '5:24: crawl.spacesAtOnce',
      '5:42: crawl.maxDepth',
    ]);
    expect(found.join()).not.toContain('hunter2');
  });
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: what people write into a configuration

  test('is looked for in a circle of aliases, too, without end', () => {
    const circle: Record<string, unknown> = { directory: '~/x' };
    circle['self'] = circle;
    expect(literalProblems({ data: circle })).toHaveLength(1);
  });
});
