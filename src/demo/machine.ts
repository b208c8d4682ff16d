import { seededNumber } from './seeded.js';

/** A made-up virtual machine: what its descriptor and its disk are written from. */
export interface Machine {
  /** Shown to people; any characters. */
  readonly name: string;
  /** Stem of the files' names: letters, digits, `.`, `_` and `-` only, so that it needs no quoting anywhere. */
  readonly stem: string;
  readonly system: GuestSystem;
  readonly cpus: number;
  readonly memoryMebibytes: number;
  readonly diskGibibytes: number;
  /** Allocated grains of the disk, 64 KiB each: at least 1, the boot sector's. */
  readonly grains: number;
}

export interface GuestSystem {
  readonly label: string;
  /** CIM_OperatingSystem.OSType, the values of the descriptor's `ovf:id`. */
  readonly cimId: number;
  /** VMware's name for it (`vmw:osType`). */
  readonly vmwareType: string;
}

/** By a word that names of images carry. */
const SYSTEMS: readonly (readonly [word: RegExp, system: GuestSystem])[] = [
  [/ubuntu/i, { label: 'Ubuntu Linux (64-bit)', cimId: 94, vmwareType: 'ubuntu64Guest' }],
  [/debian/i, { label: 'Debian GNU/Linux 11 (64-bit)', cimId: 96, vmwareType: 'debian11_64Guest' }],
  [/rhel|rocky|alma/i, { label: 'Red Hat Enterprise Linux 8 (64-bit)', cimId: 80, vmwareType: 'rhel8_64Guest' }],
  [/freebsd/i, { label: 'FreeBSD 12 or later (64-bit)', cimId: 78, vmwareType: 'freebsd12_64Guest' }],
  [
    /windows/i,
    { label: 'Microsoft Windows Server 2016 or later (64-bit)', cimId: 112, vmwareType: 'windows9Server64Guest' },
  ],
];
const OTHER_SYSTEM: GuestSystem = { label: 'Other Linux (64-bit)', cimId: 101, vmwareType: 'otherLinux64Guest' };

/** A machine of this name; the rest of it follows from the seed, so it is the same one at every run. */
export function makeMachine(name: string, seed: string): Machine {
  return {
    name,
    stem: name.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[._]+/, 'vm_'),
    system: SYSTEMS.find(([word]) => word.test(name))?.[1] ?? OTHER_SYSTEM,
    cpus: 1 + seededNumber(`${seed} cpus`, 8),
    memoryMebibytes: 1024 * (1 + seededNumber(`${seed} memory`, 16)),
    diskGibibytes: 8 * (1 + seededNumber(`${seed} disk`, 8)),
    // Up to five make archives of 16 to 32 KB: something to sort by size, small enough for a temporary directory.
    grains: 1 + seededNumber(`${seed} grains`, 5),
  };
}
