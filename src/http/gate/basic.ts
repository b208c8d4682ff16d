/** Returns the user name and password of an Authorization header, or null if it has none (RFC 7617). */
export function readBasic(authorization: string | undefined): { user: string; password: string } | null {
  const encoded = /^basic +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  const userPass = decode(Buffer.from(encoded, 'base64'));
  const colon = userPass.indexOf(':');
  return colon === -1 ? null : { user: userPass.slice(0, colon), password: userPass.slice(colon + 1) };
}

/** Decodes UTF-8, or Latin-1 as some legacy clients send it. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return bytes.toString('latin1');
  }
}

/**
 * Whether a header has several credentials. Node joins several lines with a comma, which credentials of these schemes
 * never contain (RFC 9110 11.2).
 */
export function hasSeveral(authorization: string | undefined): boolean {
  return /^(?:bearer|basic)\b[^,]*,/i.test(authorization ?? '') || /, *(?:bearer|basic) /i.test(authorization ?? '');
}
