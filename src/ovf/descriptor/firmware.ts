import { nonEmpty, type XmlElement } from '../xml/element.js';
import { sectionsOf } from './sections.js';

/** How the systems start, as VMware's settings have it; null where they say nothing. */
export interface Boot {
  readonly firmware: string | null;
  readonly secureBoot: boolean | null;
}

const SECURE_BOOT: ReadonlySet<string> = new Set(['bootOptions.efiSecureBootEnabled', 'uefi.secureBoot.enabled']);

/** Reads the firmware from the settings of the hardware sections; the first system that says it counts. */
export function readBoot(systems: readonly XmlElement[]): Boot {
  const settings = systems
    .flatMap((system) => sectionsOf(system, 'VirtualHardwareSection'))
    .flatMap((section) => section.children.filter(({ local }) => local === 'Config' || local === 'ExtraConfig'))
    .map((element) => ({ key: settingOf(element, 'key'), value: settingOf(element, 'value') }));
  const firmware = settings.find(({ key, value }) => key === 'firmware' && value !== null);
  const secure = settings.find(({ key, value }) => key !== null && SECURE_BOOT.has(key) && value !== null);
  return {
    firmware: firmware?.value ?? null,
    secureBoot: secure === undefined ? null : ['true', '1'].includes(secure.value?.toLowerCase() ?? ''),
  };
}

function settingOf(element: XmlElement, local: string): string | null {
  return nonEmpty(element.attributes.find((a) => a.local === local)?.value);
}
