import { address, report, token } from './asked.js';
import { client } from './made/hey-api/client.gen.js';
import { listImages, showImage } from './made/hey-api/index.js';

client.setConfig({ baseUrl: address, auth: token });

async function list(query: NonNullable<Parameters<typeof listImages>[0]>['query'] = {}) {
  const { data, error } = await listImages({ query });
  if (data === undefined) throw new Error(error?.message);
  return data;
}

const { data: whole } = await list();
const [first] = whole;
if (first === undefined) throw new Error('the list is empty');
const shown = await showImage({ path: { id: first.id } });
const refused = await listImages({ query: { sort: 'age' } });
report({
  whole,
  named: (await list({ name: 'IMAGE-07' })).data,
  filtered: (await list({ filter: 'name,like,%-07%' })).data,
  page: await list({ sort: 'name,desc', per_page: 2 }),
  shown: shown.data?.data,
  refused: refused.error?.message,
});
