import { isAxiosError } from 'axios';
import { address, report, token } from './asked.js';
import { createApiClient } from './made/zodios.js';

const api = createApiClient(address, { axiosConfig: { headers: { Authorization: `Bearer ${token}` } } });

const { data: whole } = await api.listImages();
const [first] = whole;
if (first === undefined) throw new Error('the list is empty');
const refused: unknown = await api.listImages({ queries: { sort: 'age' } }).catch((error: unknown) => error);
report({
  whole,
  named: (await api.listImages({ queries: { name: 'IMAGE-07' } })).data,
  filtered: (await api.listImages({ queries: { filter: 'name,like,%-07%' } })).data,
  page: await api.listImages({ queries: { sort: 'name,desc', per_page: 2 } }),
  shown: (await api.showImage({ params: { id: first.id } })).data,
  // Its types know no body of a problem, whose media type isn't JSON's own.
  refused: isAxiosError<{ message: string }>(refused) ? refused.response?.data.message : undefined,
});
