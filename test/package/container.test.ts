import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { USUAL_CONFIG } from '../../src/cli/options/config-option.js';
import { createProgram } from '../../src/cli/program.js';
import { captureIo } from '../cli/captured-io.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');

/** The instructions with their arguments, lines that go on joined. */
const instructions = read('config/container/Containerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => [line.replace(/ .*/, ''), line.replace(/^\S+ +/, '')] as const);
const argumentsOf = (name: string) => instructions.filter(([each]) => each === name).map(([, words]) => words);

/** None can be built here: what can be told without is told. */
describe('the Containerfile', () => {
  it('has instructions that there are', () => {
    const known = /^(FROM|WORKDIR|COPY|RUN|USER|VOLUME|EXPOSE|STOPSIGNAL|ENTRYPOINT|CMD)$/;
    for (const [name] of instructions) expect(name).toMatch(known);
  });

  it('copies what is there, and all that the package is made of', () => {
    const sources = argumentsOf('COPY')
      .filter((words) => !words.startsWith('--from='))
      .flatMap((words) => words.split(' ').slice(0, -1));
    expect(sources.filter((path) => !existsSync(join(PROJECT, path)))).toEqual([]);
    const { files } = JSON.parse(read('package.json')) as { files: readonly string[] };
    const needed = files.filter((path) => !/^!?dist/.test(path));
    const isCopied = (path: string) => sources.some((source) => path === source || path.startsWith(`${source}/`));
    const all = [...needed, 'src', 'package-lock.json', '.prebuild-installrc', 'tsconfig.json'];
    expect(all.filter((each) => !isCopied(each))).toEqual([]);
  });

  it('takes a release of Node that the program runs on, the same for building and running', () => {
    const majors = argumentsOf('FROM').map((words) => /^node:(\d+)-bookworm(-slim)?\b/.exec(words)?.[1]);
    expect(majors).toEqual(['22', '22']);
  });

  it('runs a command that there is, as nobody who is root', () => {
    expect(argumentsOf('USER')).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)]);
    expect(JSON.parse(argumentsOf('ENTRYPOINT')[0] ?? '')).toEqual(['ovadex']);
    const [command, ...flags] = JSON.parse(argumentsOf('CMD')[0] ?? '') as string[];
    const found = createProgram(captureIo(), () => {}).commands.find((each) => each.name() === command);
    expect(found?.options.map(({ long }) => long)).toContain(flags[0]);
  });
});

describe('the Quadlet', () => {
  const unit = read('config/container/ovadex.container');
  const settingOf = (key: string, text = unit) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1];

  it('has the volume and the port of the Containerfile, and takes rights away', () => {
    expect(unit).toContain(`:${argumentsOf('VOLUME')[0]}\n`);
    expect(settingOf('PublishPort')).toBe(`127.0.0.1:8080:${argumentsOf('EXPOSE')[0]}`);
    expect([settingOf('ReadOnly'), settingOf('NoNewPrivileges'), settingOf('DropCapability')]).toEqual([
      'true',
      'true',
      'all',
    ]);
  });

  it('asks for the health by a command that there is, with the configuration at its usual place', () => {
    const [program, command, ...others] = `${settingOf('HealthCmd')}`.split(' ');
    expect(program).toBe(JSON.parse(argumentsOf('ENTRYPOINT')[0] ?? '')[0]);
    expect(createProgram(captureIo(), () => {}).commands.map((each) => each.name())).toContain(command);
    expect(others).toEqual([]);
    expect(unit).toContain(`Volume=${dirname(USUAL_CONFIG)}:${dirname(USUAL_CONFIG)}:ro\n`);
  });

  it('is started again where the service is', () => {
    const service = read('config/systemd/ovadex.service');
    for (const key of ['Restart', 'RestartPreventExitStatus', 'TimeoutStopSec']) {
      expect(settingOf(key)).toBe(settingOf(key, service));
    }
  });
});
