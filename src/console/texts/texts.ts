import { ADMIN_TEXTS } from './admin.js';
import { USER_TEXTS } from './user.js';

/** What the pages say, in one place, ready for another language. Times, sizes and what the API explains come from elsewhere. */
export const TEXTS = {
  product: 'ovadex',
  skip: 'Skip to the contents',
  signedInAs: 'Signed in as',
  signOut: 'Sign out',
  done: 'Done.',
  trouble: 'That did not work.',
  refused: 'That was not done',
  noReason: 'No reason was given; nothing was changed',
  never: 'never',
  now: 'just now',
  nav: {
    label: 'Pages',
    images: 'My images',
    why: 'Why isn’t it here?',
    space: 'My space',
    overview: 'Overview',
    spaces: 'Spaces',
    syncs: 'Syncs',
    search: 'Search',
    health: 'Health',
  },
  pager: { label: 'Pages of the list', page: 'page', of: 'of', previous: '← Previous', next: 'Next →' },
  signIn: {
    title: 'Sign in',
    intro: 'See the images in your storage, and copy the path that a deployment needs.',
    user: 'User name',
    password: 'Password of your storage',
    token: 'Access token',
    byToken: 'Sign in with an access token',
    byPassword: 'Sign in',
    noCookie:
      'Your browser did not keep the session. Cookies may be off, or this page was opened over http from another machine: open it over https.',
    ended: 'Your session has ended. Nothing was lost; please sign in again.',
    signedOut: 'You have signed out.',
    with: 'Sign in with',
    tooLate: 'That sign-in took too long, was finished already, or began in another browser. Please sign in again.',
    goOn: 'Go on to the console',
  },
  forms: {
    forged: 'That form came from another site, or from a session that has ended. Nothing was done; please try again.',
    unmeasured:
      'That form came without its length (Content-Length), which a proxy in between may have left out. Nothing was done; please tell your administrator.',
    long: 'That form is longer than 64 KiB. Nothing was done; please shorten what you typed.',
    many: 'That form has more than 1,000 fields. Nothing was done; please choose fewer at once.',
  },
  notFound: {
    title: 'Nothing here',
    text: 'There is no such page. It may have been moved, or what it was about is gone.',
    home: 'To the first page',
  },
  admin: ADMIN_TEXTS,
  failed: {
    title: 'This page could not be made',
    text: 'Something is wrong in the server, not with what you did. Nothing was lost; please try again in a minute.',
    id: 'If it stays so, tell your administrator this id, by which the log has the reason:',
  },
  ...USER_TEXTS,
} as const;
