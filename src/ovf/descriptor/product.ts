import type { XmlElement } from '../xml/element.js';
import { type Envelope, message } from './sections.js';

/** What the image is sold as. */
export interface Product {
  readonly product: string | null;
  readonly vendor: string | null;
  readonly version: string | null;
  readonly fullVersion: string | null;
  readonly productUrl: string | null;
}

/**
 * Reads the product from the first section that names one, else the first with a vendor or a version, else the first
 * that says anything. The others have only properties.
 */
export function readProduct(envelope: Envelope, sections: readonly XmlElement[]): Product {
  const products = sections.map((section) => ({
    product: message(envelope, section, 'Product'),
    vendor: message(envelope, section, 'Vendor'),
    version: message(envelope, section, 'Version'),
    fullVersion: message(envelope, section, 'FullVersion'),
    productUrl: message(envelope, section, 'ProductUrl'),
  }));
  return (
    products.find(({ product }) => product !== null) ??
    products.find(({ vendor, version }) => vendor !== null || version !== null) ??
    products.find(({ fullVersion, productUrl }) => fullVersion !== null || productUrl !== null) ?? {
      product: null,
      vendor: null,
      version: null,
      fullVersion: null,
      productUrl: null,
    }
  );
}
