import { describeBlindSpots } from './blind-spots.js';
import { describeLife } from './life.js';
import { describeNames } from './names.js';
import { YAWS } from './servers.js';

describeNames(YAWS);
describeLife(YAWS);
describeBlindSpots(YAWS);
