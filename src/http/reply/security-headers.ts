/**
 * What every answer tells browsers: that it is what it says it is, no page, in nobody's frame, and not for other
 * sites. That a site is https only (HSTS) is for whoever ends TLS before this server to say.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
};
