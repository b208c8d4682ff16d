import { describeLife } from './life.js';
import { describeNames } from './names.js';
import { SVN } from './servers.js';

describeNames(SVN);
describeLife(SVN);
