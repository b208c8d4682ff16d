/** User name and password of an Authorization header, or null where it has none (RFC 7617). */
export function readBasic(authorization: string | undefined): { user: string; password: string } | null {
  const encoded = /^basic +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  const userPass = decode(Buffer.from(encoded, 'base64'));
  const colon = userPass.indexOf(':');
  return colon === -1 ? null : { user: userPass.slice(0, colon), password: userPass.slice(colon + 1) };
}

/** UTF-8, or what some clients send of the old days. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return bytes.toString('latin1');
  }
}

/** Node joins several lines of a header by a comma, which no credentials of these schemes have (RFC 9110 11.2). */
export function hasSeveral(authorization: string | undefined): boolean {
  return /^(?:bearer|basic)\b[^,]*,/i.test(authorization ?? '') || /, *(?:bearer|basic) /i.test(authorization ?? '');
}
