import { describeBlindSpots } from '../scene/blind-spots.js';
import { describeLife } from '../scene/life.js';
import { describeNames } from '../scene/names.js';
import { SABRE } from '../scene/servers.js';

describeNames(SABRE);
describeLife(SABRE);
describeBlindSpots(SABRE);
