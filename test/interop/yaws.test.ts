import { describeLife } from './life.js';
import { describeNames } from './names.js';
import { YAWS } from './servers.js';

describeNames(YAWS);
describeLife(YAWS);
