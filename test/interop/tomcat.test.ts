import { describeLife } from './life.js';
import { describeNames } from './names.js';
import { TOMCAT } from './servers.js';

describeNames(TOMCAT);
describeLife(TOMCAT);
