import type { XmlElement } from '../xml/element.js';
import { childrenOf, nonEmpty } from '../xml/element.js';
import { attribute, type Envelope, isTrue, message, sectionsOf } from './sections.js';

/** The deployment options, and the one that a deployer takes if nobody chooses. */
export interface Configurations {
  readonly all: readonly { readonly id: string; readonly label: string | null }[];
  readonly chosen: string | null;
}

/** Reads the deployment options: the default is the one that is marked so, else the first. */
export function readConfigurations(envelope: Envelope): Configurations {
  const elements = sectionsOf(envelope.root, 'DeploymentOptionSection').flatMap((section) =>
    childrenOf(section, 'Configuration'),
  );
  const all = elements.flatMap((element) => {
    const id = nonEmpty(attribute(envelope, element, 'id'));
    return id === null ? [] : [{ id, label: message(envelope, element, 'Label') }];
  });
  const marked = elements.find((element) => isTrue(envelope, element, 'default'));
  const chosen = marked === undefined ? null : nonEmpty(attribute(envelope, marked, 'id'));
  return { all, chosen: chosen ?? all[0]?.id ?? null };
}

/** Whether an element is for the given configuration: `all` if it names none, `no` if it names others only. */
export function isFor(envelope: Envelope, element: XmlElement, configuration: string | null): 'all' | 'yes' | 'no' {
  const named = nonEmpty(attribute(envelope, element, 'configuration'));
  if (named === null) return 'all';
  return configuration !== null && named.split(/\s+/).includes(configuration) ? 'yes' : 'no';
}
