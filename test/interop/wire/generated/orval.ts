import axios from 'axios';
import { address, report, token } from './asked.js';
import { listImages, showImage } from './made/orval.js';

axios.defaults.baseURL = address;
axios.defaults.headers.common.Authorization = `Bearer ${token}`;

const { data: whole } = (await listImages()).data;
const [first] = whole;
if (first === undefined) throw new Error('the list is empty');
const refused = await listImages({ sort: 'age' }, { validateStatus: () => true });
report({
  whole,
  named: (await listImages({ name: 'IMAGE-07' })).data.data,
  filtered: (await listImages({ filter: 'name,like,%-07%' })).data.data,
  page: (await listImages({ sort: 'name,desc', per_page: 2 })).data,
  shown: (await showImage(first.id)).data.data,
  refused: (refused.data as unknown as { message: string }).message,
});
