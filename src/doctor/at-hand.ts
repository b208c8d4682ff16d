import type { Index } from '../app/open-index.js';
import type { Config } from '../config/schema.js';
import { diagnoseHosts } from '../domain/diagnosis/diagnose-hosts.js';
import { diagnoseOutages } from '../domain/diagnosis/diagnose-outages.js';
import { diagnoseSpaces } from '../domain/diagnosis/diagnose-spaces.js';
import { diagnoseTrouble } from '../domain/diagnosis/diagnose-webhook.js';
import { diagnoseDurability } from '../domain/diagnosis/durability.js';
import type { Finding } from '../domain/diagnosis/finding.js';
import { compareHosts } from '../domain/diagnosis/host-differences.js';
import type { Space } from '../domain/model/space.js';
import { examineDeparted } from './departed-users.js';
import { examineFiles } from './files.js';
import { nameOfIndex } from './index-name.js';
import { examineLinks } from './links.js';

/** Of each kind of trouble: the list of spaces has all of them. */
const SPACES_TOLD = 5;

/**
 * Examines what a daemon depends on as `diagnose` does, but asks no storage and no receiver, and reads of spaces only those
 * that it tells of: a daemon can be asked for this at any time. Of 100,000 spaces of which a webhook tells in vain, it takes
 * the thread 80 ms.
 */
export async function examineAtHand(
  config: Config,
  index: Pick<
    Index,
    'history' | 'catalogue' | 'departed' | 'links' | 'webhooks' | 'hosts' | 'storageOutages' | 'unsafeSettings'
  >,
): Promise<readonly Finding[]> {
  const { held, suspended, failing } = await index.history.troubled(SPACES_TOLD);
  const spaces: Space[] = [];
  for (const user of [...suspended, ...held, ...failing]) {
    const space = await index.catalogue.space(user);
    if (space !== null) spaces.push(space);
  }
  const links = await examineLinks({ ...config, spaces: [] }, index.links);
  const troubles = await index.webhooks.troubles(config.webhooks, Date.now());
  return [
    ...examineFiles(config),
    ...diagnoseDurability(nameOfIndex(config), await index.unsafeSettings()),
    ...links.findings,
    ...diagnoseHosts(compareHosts((await index.hosts?.list()) ?? [])),
    ...diagnoseOutages((await index.storageOutages?.told()) ?? []),
    ...diagnoseSpaces(spaces, Date.now(), links.linked),
    ...troubles.flatMap(diagnoseTrouble),
    ...(await examineDeparted(index.departed, nameOfIndex(config))),
  ];
}
