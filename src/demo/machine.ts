import { seededNumber } from './seeded.js';

/** A made-up virtual machine, from which a descriptor and a disk are written. */
export interface Machine {
  /** The name for people; any characters. */
  readonly name: string;
  /** The stem of its file names: letters, digits, `.`, `_` and `-` only, so that it never needs quoting. */
  readonly stem: string;
  readonly system: GuestSystem;
  readonly cpus: number;
  readonly memoryMebibytes: number;
  readonly diskGibibytes: number;
  /** Allocated grains of the disk, 64 KiB each; at least 1, for the boot sector. */
  readonly grains: number;
}

export interface GuestSystem {
  readonly label: string;
  /** The value of CIM_OperatingSystem.OSType, used as `ovf:id` in the descriptor. */
  readonly cimId: number;
  /** VMware's name for it (`vmw:osType`). */
  readonly vmwareType: string;
}

/** Guest systems by a word in the names of images. */
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

/** Makes a machine of this name; the rest follows from the seed, so it is the same in every run. */
export function makeMachine(name: string, seed: string): Machine {
  return {
    name,
    stem: name.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[._]+/, 'vm_'),
    system: SYSTEMS.find(([word]) => word.test(name))?.[1] ?? OTHER_SYSTEM,
    cpus: 1 + seededNumber(`${seed} cpus`, 8),
    memoryMebibytes: 1024 * (1 + seededNumber(`${seed} memory`, 16)),
    diskGibibytes: 8 * (1 + seededNumber(`${seed} disk`, 8)),
    // Up to five grains make archives of 16 to 32 KB: something to sort by size, small enough for a temporary directory.
    grains: 1 + seededNumber(`${seed} grains`, 5),
  };
}
