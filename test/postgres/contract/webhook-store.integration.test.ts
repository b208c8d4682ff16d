import { describeWebhookStore } from '../../contract/webhook-store.js';
import { makePgliteIndex } from '../pglite-index.js';

describeWebhookStore('PostgreSQL', makePgliteIndex);
