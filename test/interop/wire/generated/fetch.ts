import createClient from 'openapi-fetch';
import { address, report, token } from './asked.js';
import type { paths } from './made/schema.js';

const headers = { Authorization: `Bearer ${token}` };
const client = createClient<paths>({ baseUrl: address, headers });

async function list(query: NonNullable<paths['/v2/image']['get']['parameters']['query']> = {}) {
  const { data, error } = await client.GET('/v2/image', { params: { query } });
  if (data === undefined) throw new Error(error.message);
  return data;
}

const { data: whole } = await list();
const [first] = whole;
if (first === undefined) throw new Error('the list is empty');
const shown = await client.GET('/v2/image/{id}', { params: { path: { id: first.id } } });
const refused = await client.GET('/v2/image', { params: { query: { sort: 'age' } } });
report({
  whole,
  named: (await list({ name: 'IMAGE-07' })).data,
  filtered: (await list({ filter: 'name,like,%-07%' })).data,
  page: await list({ sort: 'name,desc', per_page: 2 }),
  shown: shown.data?.data,
  refused: refused.error?.message,
});
