import { describeForgetting } from '../../contract/forget-user.js';
import { makePgliteIndex } from '../pglite-index.js';
import { withForgetting } from '../with-forgetting.js';

describeForgetting('PostgreSQL', async () => withForgetting(await makePgliteIndex()));
