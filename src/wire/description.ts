import type { Descriptor, OperatingSystem, OsFamily, Quantity } from '../domain/description/descriptor.js';
import type { JudgedState } from '../domain/description/image-state.js';
import type { ReadingCost } from '../domain/description/reading.js';

/** An operating system as JSON. */
export interface OsJson {
  readonly id: number | null;
  readonly description: string | null;
  readonly version: string | null;
  readonly vmw_os_type: string | null;
  readonly vbox_os_type: string | null;
}

/** What a descriptor says, as JSON; sizes beyond 2^53 are strings of digits, what isn't said is null. */
export interface DescriptionJson {
  readonly name: string | null;
  readonly product: string | null;
  readonly vendor: string | null;
  readonly version: string | null;
  readonly full_version: string | null;
  readonly product_url: string | null;
  readonly os: (OsJson & { readonly family: OsFamily | null }) | null;
  readonly hardware: readonly string[];
  readonly cpus: number | null;
  readonly memory_mib: number | null;
  readonly disks: { readonly count: number; readonly capacity_bytes: Quantity | null };
  readonly nics: number;
  readonly networks: readonly string[];
  readonly files: readonly {
    readonly href: string;
    readonly size: Quantity | null;
    readonly compression: string | null;
    readonly chunk_size: Quantity | null;
  }[];
  readonly download_bytes: Quantity | null;
  readonly has_eula: boolean;
  readonly annotation: string | null;
  readonly properties: readonly {
    readonly key: string;
    readonly type: string | null;
    readonly label: string | null;
    readonly user_configurable: boolean;
    readonly password: boolean;
    readonly default: string | null;
  }[];
  readonly configurations: Descriptor['configurations'];
  readonly default_configuration: string | null;
  readonly firmware: string | null;
  readonly secure_boot: boolean | null;
  readonly systems: readonly {
    readonly id: string | null;
    readonly name: string | null;
    readonly cpus: number | null;
    readonly memory_mib: number | null;
    readonly nics: number;
    readonly disks: number;
    readonly os: OsJson | null;
  }[];
  readonly ovf_version: string | null;
}

/** A file that was read on its own, as JSON. Everything its descriptor would say is null if it has none. */
export type InspectedJson = { readonly file: string } & {
  readonly [K in keyof DescriptionJson]: DescriptionJson[K] | null;
} & {
  readonly state: JudgedState['state'];
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
  readonly read: ReadingCost;
};

/** Returns a descriptor as JSON. */
export function descriptionToJson(descriptor: Descriptor): DescriptionJson {
  return {
    name: descriptor.name,
    product: descriptor.product,
    vendor: descriptor.vendor,
    version: descriptor.version,
    full_version: descriptor.fullVersion,
    product_url: descriptor.productUrl,
    os: descriptor.os === null ? null : { ...osToJson(descriptor.os), family: descriptor.family },
    hardware: descriptor.hardware,
    cpus: descriptor.cpus,
    memory_mib: descriptor.memoryMib,
    disks: { count: descriptor.disks.count, capacity_bytes: descriptor.disks.capacityBytes },
    nics: descriptor.nics,
    networks: descriptor.networks,
    files: descriptor.files.map(({ href, size, compression, chunkSize }) => {
      return { href, size, compression, chunk_size: chunkSize };
    }),
    download_bytes: descriptor.downloadBytes,
    has_eula: descriptor.hasEula,
    annotation: descriptor.annotation,
    properties: descriptor.properties.map((property) => ({
      key: property.key,
      type: property.type,
      label: property.label,
      user_configurable: property.isUserConfigurable,
      password: property.isPassword,
      default: property.defaultValue,
    })),
    configurations: descriptor.configurations.map(({ id, label }) => ({ id, label })),
    default_configuration: descriptor.defaultConfiguration,
    firmware: descriptor.firmware,
    secure_boot: descriptor.secureBoot,
    systems: descriptor.systems.map((system) => ({
      id: system.id,
      name: system.name,
      cpus: system.cpus,
      memory_mib: system.memoryMib,
      nics: system.nics,
      disks: system.disks,
      os: system.os === null ? null : osToJson(system.os),
    })),
    ovf_version: descriptor.ovfVersion,
  };
}

/** Returns what was found about a file, as JSON; `descriptor` is null if it has none that can be read. */
export function inspectedToJson(
  file: string,
  descriptor: Descriptor | null,
  { state, reasons, notes }: JudgedState,
  { requests, bytes }: ReadingCost,
): InspectedJson {
  const description = descriptor === null ? UNSAID : descriptionToJson(descriptor);
  return { file, ...description, state, reasons, notes, read: { requests, bytes } };
}

const UNSAID: { readonly [K in keyof DescriptionJson]: null } = {
  name: null,
  product: null,
  vendor: null,
  version: null,
  full_version: null,
  product_url: null,
  os: null,
  hardware: null,
  cpus: null,
  memory_mib: null,
  disks: null,
  nics: null,
  networks: null,
  files: null,
  download_bytes: null,
  has_eula: null,
  annotation: null,
  properties: null,
  configurations: null,
  default_configuration: null,
  firmware: null,
  secure_boot: null,
  systems: null,
  ovf_version: null,
};

function osToJson(os: OperatingSystem): OsJson {
  return {
    id: os.id,
    description: os.description,
    version: os.version,
    vmw_os_type: os.vmwOsType,
    vbox_os_type: os.vboxOsType,
  };
}
