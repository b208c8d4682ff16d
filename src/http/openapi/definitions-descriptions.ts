import { OS_FAMILIES } from '../../domain/description/descriptor.js';
import { IMAGE_STATES } from '../../domain/model/image.js';
import type { DescriptionJson, OsJson } from '../../wire/description.js';
import type { ShortJson } from '../../wire/image.js';
import type { ImageDetailsJson } from '../../wire/image-details.js';
import { z } from '../reply/zod.js';
import { count, type ShapeOf } from './definitions.js';

export const state = z
  .enum(IMAGE_STATES)
  .describe(
    'Whether it can be deployed: "incomplete" if something of it is not there, "broken" if it can\'t be understood, "unknown" if it has not been read, or the files beside it are not known.',
  );

const text = z.string().nullable();
const number = z.number().nullable();
/** A number of bytes that may be beyond what a number can be. */
const quantity = z.union([z.int(), z.string().regex(/^\d+$/)]).describe('Digits in a string from 2^53 on.');
// Not nullable(): null among the words of an enum is more than some generators of clients understand.
const family = z.union([z.enum(OS_FAMILIES), z.null()]);

/** What an image is, in short. */
export const short = z.object({
  product: text,
  version: text,
  os: text.describe('The operating system as people call it.'),
  family,
  cpus: number,
  memory_mib: number,
  disk_count: count.nullable(),
  capacity_bytes: quantity.nullable(),
} satisfies ShapeOf<ShortJson>);

const osShape = {
  id: number.describe('CIM_OperatingSystem.OsType; exporters often write a wrong one.'),
  description: text,
  version: text,
  vmw_os_type: text,
  vbox_os_type: text,
} satisfies ShapeOf<OsJson>;

const description = z.object({
  name: text,
  product: text,
  vendor: text,
  version: text,
  full_version: text,
  product_url: text,
  os: z.object({ ...osShape, family }).nullable(),
  hardware: z.array(z.string()),
  cpus: number,
  memory_mib: number,
  disks: z.object({ count, capacity_bytes: quantity.nullable() }),
  nics: count,
  networks: z.array(z.string()),
  files: z.array(
    z.object({ href: z.string(), size: quantity.nullable(), compression: text, chunk_size: quantity.nullable() }),
  ),
  download_bytes: quantity.nullable(),
  has_eula: z.boolean(),
  annotation: text,
  properties: z.array(
    z.object({
      key: z.string(),
      type: text,
      label: text,
      user_configurable: z.boolean(),
      password: z.boolean(),
      default: text,
    }),
  ),
  configurations: z.array(z.object({ id: z.string(), label: text })),
  default_configuration: text,
  firmware: text,
  secure_boot: z.boolean().nullable(),
  systems: z.array(
    z.object({
      id: text,
      name: text,
      cpus: number,
      memory_mib: number,
      nics: count,
      disks: count,
      os: z.object(osShape).nullable(),
    }),
  ),
  ovf_version: text,
} satisfies ShapeOf<DescriptionJson>);

/** What an image has by its id besides what it has in lists. */
export const details = {
  reasons: z.array(z.string()).describe("Why it can't be deployed, or not yet; none if it can."),
  notes: z.array(z.string()).describe('What is odd but does no harm.'),
  ovf: description
    .nullable()
    .describe('What its descriptor says, all systems together; null if it has not been read or has none.'),
} satisfies ShapeOf<Pick<ImageDetailsJson, 'reasons' | 'notes' | 'ovf'>>;

const AN_OS = {
  id: 94,
  description: 'Ubuntu Linux (64-bit)',
  version: null,
  vmw_os_type: 'ubuntu64Guest',
  vbox_os_type: null,
};

export const A_DESCRIPTION = {
  reasons: [],
  notes: [],
  ovf: {
    name: 'ubuntu',
    product: 'Ubuntu Server',
    vendor: 'Canonical',
    version: '24.04',
    full_version: null,
    product_url: null,
    os: { ...AN_OS, family: 'linux' },
    hardware: ['vmx-10'],
    cpus: 2,
    memory_mib: 2048,
    disks: { count: 1, capacity_bytes: 10_737_418_240 },
    nics: 1,
    networks: ['VM Network'],
    files: [{ href: 'ubuntu-disk1.vmdk', size: 1_073_731_584, compression: null, chunk_size: null }],
    download_bytes: 1_073_731_584,
    has_eula: false,
    annotation: null,
    properties: [],
    configurations: [],
    default_configuration: null,
    firmware: null,
    secure_boot: null,
    systems: [
      {
        id: 'ubuntu',
        name: 'ubuntu',
        cpus: 2,
        memory_mib: 2048,
        nics: 1,
        disks: 1,
        os: AN_OS,
      },
    ],
    ovf_version: '1',
  },
} satisfies Pick<ImageDetailsJson, 'reasons' | 'notes' | 'ovf'>;
