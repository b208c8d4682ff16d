import { describeBlindSpots } from '../scene/blind-spots.js';
import { describeLife } from '../scene/life.js';
import { describeNames } from '../scene/names.js';
import { GO } from '../scene/servers.js';

describeNames(GO);
describeLife(GO);
describeBlindSpots(GO);
