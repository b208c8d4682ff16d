import type { ChildProcess } from 'node:child_process';

/** Shorter ones come by chance in what is no secret. */
const SHORTEST = 6;
/** A digest crawl answers thousands of challenges; the latest stand for all of them. */
const MOST = 5_000;
/** Of what stood around a secret in an output. */
const AROUND = 80;

/** All that this process and its children use in a test file, and what of it was told. */
const secrets = new Set<string>();
const listening = new Set<() => void>();
let leaks: string[] = [];

/** From now on no output that is overheard may show this. */
export function noteSecret(secret: string): void {
  if (secret.length < SHORTEST) return;
  secrets.delete(secret);
  secrets.add(secret);
  const [oldest] = secrets;
  if (secrets.size > MOST && oldest !== undefined) secrets.delete(oldest);
}

/** Also as it stands in a Basic header; with an empty password the name is the secret. */
export function noteAccount(username: string, password: string): void {
  noteSecret(password === '' ? username : password);
  noteSecret(Buffer.from(`${username}:${password}`).toString('base64'));
}

/** Whatever an Authorization header proves somebody by. */
export function noteAuthorization(header: string | null | undefined): void {
  const [, scheme = '', credentials = ''] = /^(\w+) +(.+)$/.exec(header ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'digest':
      noteSecret(/response="([^"]+)"/.exec(credentials)?.[1] ?? '');
      break;
    case 'bearer':
      noteSecret(credentials);
      noteSecret(/^[\w-]+\.[\w-]+\.([\w-]+)$/.exec(credentials)?.[1] ?? '');
      break;
    case 'basic': {
      noteSecret(credentials);
      const [username = '', ...password] = Buffer.from(credentials, 'base64').toString().split(':');
      noteAccount(username, password.join(':'));
    }
  }
}

/** A file whose content is a secret: one line, or a private key. */
export function noteSecretFile(content: string): void {
  if (content.includes('PRIVATE KEY')) {
    for (const line of content.split('\n')) if (/^[\w+/=]{40,}$/.test(line)) noteSecret(line);
  } else if (!content.trim().includes('\n')) noteSecret(content.trim());
}

/** Every password, token, own header and user of a URL in a configuration. */
export function noteSettings(value: unknown, key = ''): void {
  if (typeof value === 'string') {
    if (/^(?:password|token|passphrase|secret)$/i.test(key)) noteSecret(value);
    const [, username = '', password = ''] = /^[a-z]+:\/\/([^/:@]+):([^/@]+)@/.exec(value) ?? [];
    if (password !== '') noteAccount(decodeURIComponent(username), decodeURIComponent(password));
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const { username, password } = value as { username?: unknown; password?: unknown };
  if (typeof username === 'string' && typeof password === 'string') noteAccount(username, password);
  for (const [name, inner] of Object.entries(value)) {
    if (key === 'headers' && typeof inner === 'string') noteSecret(inner);
    noteSettings(inner, name);
  }
}

/** Listens to both outputs of a child, where they are pipes, until it ends: none may show a secret. */
export function overhear(child: ChildProcess): void {
  const outputs = [child.stdout, child.stderr].filter((stream) => stream !== null);
  const parts = outputs.map((stream) => {
    let text = '';
    // As bytes: the encoding is for whoever else listens.
    stream.on('data', (data: Buffer | string) => {
      text += data.toString();
    });
    return () => {
      overhearText(child.spawnargs.join(' '), text);
      text = '';
    };
  });
  const settle = () => {
    for (const part of parts) part();
  };
  listening.add(settle);
  child.once('close', () => {
    listening.delete(settle);
    settle();
  });
}

/** The same for a text that is whole. */
export function overhearText(where: string, text: string): void {
  for (const secret of secrets) {
    const at = text.indexOf(secret);
    if (at >= 0) leaks.push(`${where}: …${text.slice(Math.max(0, at - AROUND), at + secret.length + AROUND)}…`);
  }
}

/** The next test file has secrets of its own: one of these may be a plain word there. */
export function forgetSecrets(): void {
  secrets.clear();
}

/** What was told of the secrets, until now and since it was last asked for. */
export function takeLeaks(): readonly string[] {
  for (const settle of listening) settle();
  const found = leaks;
  leaks = [];
  return found;
}
