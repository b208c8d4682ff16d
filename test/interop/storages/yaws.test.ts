import { describeBlindSpots } from '../scene/blind-spots.js';
import { describeLife } from '../scene/life.js';
import { describeNames } from '../scene/names.js';
import { YAWS } from '../scene/servers.js';

describeNames(YAWS);
describeLife(YAWS);
describeBlindSpots(YAWS);
