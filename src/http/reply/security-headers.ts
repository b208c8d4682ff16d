/**
 * Headers that tell browsers that an answer has the type it declares, is no page, belongs in no frame, and is not for
 * other sites. HSTS is left to the server that terminates TLS in front of this one.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
};
