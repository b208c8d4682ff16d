import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is expected of a genuine descriptor; the names are those of the collection. */
export interface ExpectedValues {
  readonly name: string | null;
  readonly product: string | null;
  readonly vendor: string | null;
  readonly version: string | null;
  readonly full_version: string | null;
  readonly product_url: string | null;
  readonly os: Readonly<Record<'id' | 'description' | 'version' | 'vmw_os_type' | 'vbox_os_type', unknown>> | null;
  readonly hardware: readonly string[];
  /** 0 if no system says it; so are all totals. */
  readonly cpu_total: number;
  readonly memory_mib_total: number;
  /** The disks that are attached, those of them without a known capacity, and the capacity of the others. */
  readonly disk_drive_count: number;
  readonly attached_unknown: number;
  readonly attached_capacity_bytes: number;
  readonly nic_count: number;
  readonly networks: readonly string[];
  readonly files: readonly Readonly<Record<'href' | 'size' | 'compression' | 'chunk_size', unknown>>[];
  readonly files_total_size: number;
  readonly files_without_size: number;
  readonly has_eula: boolean;
  /** The first 16 hex digits of the annotation's SHA-256. */
  readonly annotation_sha256: string | null;
  readonly property_count: number;
  readonly password_property_count: number;
  readonly user_configurable_count: number;
  readonly configurations: readonly string[];
  readonly default_configuration: string | null;
  readonly firmware: string | null;
  readonly ovf_version: string;
  readonly vms: readonly Readonly<
    Record<'id' | 'name' | 'cpu' | 'memory_mib' | 'nic_count' | 'disk_drives' | 'os', unknown>
  >[];
}

/** A genuine file: a descriptor, an archive, or a manifest. */
export interface GenuineFile {
  readonly file: string;
  readonly bytes: Buffer;
  readonly kind: 'ovf' | 'ova' | 'mf';
  readonly parse?: 'ok' | 'xml-error' | 'no-ovf' | 'not-tar';
  /** The values of its descriptor; null if it has none that can be read. */
  readonly values: ExpectedValues | null;
  readonly members: readonly { readonly name: string; readonly size: number }[];
  /** Of a manifest: algorithm, file and sum. */
  readonly lines: readonly (readonly [string, string, string])[];
}

/** Where the collection is: it is too large, and too many people's, to be part of the repository. */
const FOLDER = process.env['OVF_FIXTURES'] ?? '';

/** Why the collection can't be used; null if it can. */
export const whyNoGenuine: string | null =
  FOLDER !== '' && existsSync(join(FOLDER, 'expected.json'))
    ? null
    : 'the collection of genuine descriptors, in the folder that OVF_FIXTURES names';

/** Returns every genuine file with what is expected of it; none if the collection is absent. */
export function genuineFiles(): readonly GenuineFile[] {
  if (whyNoGenuine !== null) return [];
  const expected = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Record<string, never>;
  return Object.entries(expected).map(([file, entry]) => {
    const { kind, parse, lenient, descriptor, members = [], lines = [] } = entry as Record<string, never>;
    const candidates = [entry, lenient, descriptor] as (ExpectedValues | undefined)[];
    const values = candidates.find((candidate) => candidate !== undefined && 'vms' in candidate) ?? null;
    const bytes = readFileSync(join(FOLDER, 'files', file));
    return { file, kind, parse, members, lines, values, bytes } as unknown as GenuineFile;
  });
}
