import { counted } from '../../domain/text/counted.js';
import { quote } from '../../domain/text/quote.js';

/** Number of names that show who is meant. */
const NAMED = 5;

/** Gathers users who are found but for whom there are no credentials, for one warning. */
export function withoutCredentials() {
  const users: string[] = [];
  let first = '';
  return {
    note(user: string, problem: string) {
      if (users.length === 0) first = problem;
      users.push(user);
    },
    warnings(): readonly string[] {
      if (users.length === 0) return [];
      const names = users.slice(0, NAMED).map(quote).join(', ');
      const more = users.length > NAMED ? ` and ${users.length - NAMED} more` : '';
      const who = counted(users.length, 'user has', 'users have');
      return [`${who} no credentials yet, and no space: ${names}${more} (the first: ${first})`];
    },
  };
}
