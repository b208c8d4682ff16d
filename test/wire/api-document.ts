import { createApiScene } from '../http/api-scene.js';
import { IDLE_LINKS } from '../support/idle-links.js';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly string[];
}

interface OpenApi {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const document = (await (
  await createApiScene({ publicUsers: () => ['lab'], links: IDLE_LINKS }).app.request('/openapi.json')
).json()) as OpenApi;
const schemas = new Map(Object.entries(document.components.schemas));

/** The properties of a schema of the API's document, by name. */
export const propertiesOf = (schema: string) => new Map(Object.entries(schemas.get(schema)?.properties ?? {}));

/** The words of Nextcloud in what it sends. */
const FOREIGN = 'EventHint';

/** Every property that the document of the API has anywhere, but for foreign ones. */
export function wordsOfApi(): ReadonlySet<string> {
  const words = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, each] of Object.entries(value)) {
      if (key === 'properties') for (const word of Object.keys(each as object)) words.add(word);
      if (key !== 'example' && key !== 'examples' && key !== FOREIGN) collect(each);
    }
  };
  collect(document);
  return words;
}
