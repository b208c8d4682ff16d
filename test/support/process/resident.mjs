import { createReadStream, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

// Runs the commands of the program that it is given, one after the other, for a shell that asks by pipes in a folder: each start
// of a process takes longer than most commands do. See `resident.ts`.
const [program, folder] = process.argv.slice(2);
const { run } = await import(program);

function keeping(parts) {
  return new Writable({
    write(chunk, _encoding, done) {
      parts.push(Buffer.from(chunk));
      done();
    },
  });
}

// Open for writing, too, it doesn't end with the first who asks.
const asked = createReadStream(join(folder, 'asked'), { flags: 'r+' });
for await (const line of createInterface({ input: asked })) {
  const [out, err] = [[], []];
  const words = line.split('\t').slice(0, -1);
  const code = await run(words, { stdout: keeping(out), stderr: keeping(err), process, env: process.env });
  writeFileSync(join(folder, 'out'), Buffer.concat(out));
  writeFileSync(join(folder, 'err'), Buffer.concat(err));
  // Opened once the shell reads it.
  await writeFile(join(folder, 'told'), `${code}\n`);
}
