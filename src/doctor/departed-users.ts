import type { Finding } from '../domain/diagnosis/finding.js';
import type { ListDeparted } from '../domain/model/departed.js';
import { agreeing, counted } from '../domain/text/counted.js';

/** Reports users who are no longer configured but about whom data is still stored, since keeping it may need a reason; `index` is what it is called. */
export async function examineDeparted(list: ListDeparted, index: string): Promise<readonly Finding[]> {
  const { length } = await list();
  if (length === 0) return [];
  const who = `${counted(length, 'user')} ${agreeing(length, 'is', 'are')}`;
  return [
    {
      area: 'index',
      subject: index,
      severity: 'note',
      message: `${who} no longer configured, and what was stored about them is still there`,
      action:
        'ovadex forget --list names them; ovadex forget --unconfigured --older 30d deletes it; maintenance.forgetAfter does so by itself',
    },
  ];
}
