import type { DeployProperty } from '../../domain/description/descriptor.js';
import { childrenOf, nonEmpty, type XmlElement } from '../xml/element.js';
import { isFor } from './configurations.js';
import { attribute, type Envelope, isTrue, message } from './sections.js';

/** The values of properties, by their full and their bare key; for what refers to them by `${key}`. */
export type PropertyValues = ReadonlyMap<string, string>;

/** Reads what is asked for when the image is deployed, section by section. */
export function readProperties(
  envelope: Envelope,
  products: readonly XmlElement[],
  configuration: string | null,
): readonly DeployProperty[] {
  return propertiesOf(products).flatMap(({ section, property }) => {
    const key = keyOf(envelope, section, property);
    if (key === null) return [];
    const isPassword = isTrue(envelope, property, 'password');
    return [
      {
        key,
        type: nonEmpty(attribute(envelope, property, 'type')),
        label: message(envelope, property, 'Label'),
        isUserConfigurable: isTrue(envelope, property, 'userConfigurable'),
        isPassword,
        defaultValue: isPassword || isSecret(envelope, property) ? null : valueIn(envelope, property, configuration),
      },
    ];
  });
}

/** Whether a property is a password as VMware marks some of its own, which the standard doesn't know. */
function isSecret(envelope: Envelope, property: XmlElement): boolean {
  const type = attribute(envelope, property, 'type')?.trim().toLowerCase() ?? '';
  return isTrue(envelope, property, 'isPassword') || /^password\b/.test(type);
}

/** Returns the values that properties have in a configuration. */
export function readValues(
  envelope: Envelope,
  products: readonly XmlElement[],
  configuration: string | null,
): PropertyValues {
  const values = new Map<string, string>();
  for (const { section, property } of propertiesOf(products)) {
    const value = valueIn(envelope, property, configuration);
    if (value === null) continue;
    for (const key of [keyOf(envelope, section, property), attribute(envelope, property, 'key')]) {
      if (key !== null && !values.has(key)) values.set(key, value);
    }
  }
  return values;
}

function propertiesOf(products: readonly XmlElement[]) {
  return products.flatMap((section) => childrenOf(section, 'Property').map((property) => ({ section, property })));
}

function keyOf(envelope: Envelope, section: XmlElement, property: XmlElement): string | null {
  const key = nonEmpty(attribute(envelope, property, 'key'));
  if (key === null) return null;
  const parts = [attribute(envelope, section, 'class'), key, attribute(envelope, section, 'instance')];
  return parts.flatMap((part) => nonEmpty(part) ?? []).join('.');
}

/** Returns the value for a configuration, else the one for all. */
function valueIn(envelope: Envelope, property: XmlElement, configuration: string | null): string | null {
  const values = childrenOf(property, 'Value');
  const own = values.find((value) => isFor(envelope, value, configuration) === 'yes');
  const general = values.find((value) => isFor(envelope, value, configuration) === 'all');
  return (
    (own === undefined ? null : attribute(envelope, own, 'value')) ??
    attribute(envelope, property, 'value') ??
    (general === undefined ? null : attribute(envelope, general, 'value'))
  );
}
