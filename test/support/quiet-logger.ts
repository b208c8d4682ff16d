import { pino } from 'pino';

/** Logs nothing. */
export const quietLogger = pino({ enabled: false });
