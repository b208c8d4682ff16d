/**
 * The commands that read the index, show something and end, with all that they need: built into one file. They would
 * otherwise open sixty, which takes a seventh of their time.
 */
export { openIndex, openIndexIfAny } from '../app/open-index.js';
export { askReadiness } from '../platform/ask-readiness.js';
export { held } from './commands/held.js';
export { images } from './commands/images.js';
export { listSpaces } from './commands/list-spaces.js';
export { status } from './commands/status.js';
export { why } from './commands/why.js';
export { complete } from './completion/complete.js';
