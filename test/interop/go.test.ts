import { describeBlindSpots } from './blind-spots.js';
import { describeLife } from './life.js';
import { describeNames } from './names.js';
import { GO } from './servers.js';

describeNames(GO);
describeLife(GO);
describeBlindSpots(GO);
