import { describeBlindSpots } from './blind-spots.js';
import { describeLife } from './life.js';
import { describeNames } from './names.js';
import { SABRE } from './servers.js';

describeNames(SABRE);
describeLife(SABRE);
describeBlindSpots(SABRE);
