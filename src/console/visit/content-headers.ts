/** Headers of whatever is sent: nothing is framed or kept, and a type is what it says. */
export const CONTENT_HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
