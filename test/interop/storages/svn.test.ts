import { describeLife } from '../scene/life.js';
import { describeNames } from '../scene/names.js';
import { SVN } from '../scene/servers.js';

describeNames(SVN);
describeLife(SVN);
