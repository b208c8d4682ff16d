/** Longer than any name that people have; names end up in URLs, logs and table rows. */
const MAX_LENGTH = 1_024;

/** Whether a text can be the name of a user, which becomes part of URLs and tokens. */
export function isUserName(text: string): boolean {
  if (text === '' || text.length > MAX_LENGTH || text === '.' || text === '..') return false;
  return !/[\p{Cc}\p{Cs}/]/u.test(text) && text === text.trim();
}
