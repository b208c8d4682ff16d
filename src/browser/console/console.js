/**
 * What pages of the console gain by scripts. They are complete without: each of these modules adds to what is there, and
 * to whatever replaces a part of the page later.
 */
import { offerCopies } from './copy.js';
import { followFilters } from './filters.js';
import { followTopics } from './live.js';
import { drawPlots } from './plots.js';
import { tellTimes } from './times.js';

tellTimes();
offerCopies();
followFilters();
followTopics();
drawPlots();
