import { readFileSync } from 'node:fs';

/** Who a server reads the files as. */
export interface ServerAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Debian's account of web servers; it owns nothing. */
const NAME = 'www-data';

/**
 * The account of servers that root starts: one that may not read everything, as
 * no real one does. null: the tests run as somebody else than root, and so do their servers.
 */
export const serverAccount: ServerAccount | null = process.getuid?.() === 0 ? accountOf(NAME) : null;

/** Looks an account of this machine up. */
export function accountOf(name: string): ServerAccount {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`/etc/passwd has no account ${name} for the servers`);
  return { name, uid: Number(uid), gid: Number(gid) };
}
