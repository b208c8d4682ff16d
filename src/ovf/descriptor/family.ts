import type { OperatingSystem, OsFamily } from '../../domain/description/descriptor.js';

/** Tried in order: "darwin" ends like "win", and "Windows Subsystem for Linux" is none of either's names. */
const NAMES: readonly (readonly [OsFamily, RegExp])[] = [
  ['macos', /darwin|mac ?os|os ?x\b/],
  ['solaris', /solaris|sunos|illumos|openindiana|omnios|smartos/],
  ['bsd', /bsd|pfsense|opnsense|dragonfly|junos/],
  ['windows', /windows|^win|longhorn|\bmicrosoft\b|\bwin(?:nt|xp|\d)/],
  [
    'linux',
    /linux|ubuntu|debian|rhel|red ?hat|centos|fedora|suse|sles|sled|rocky|asianux|photon|coreos|flatcar|mandrake|mandriva|gentoo|turbolinux|^crx|^nld|^oes|^sjds|^oracle(?:\b|\d)|xubuntu|\bmint\b|\barch\b|knoppix|alpine|cumulus|bottlerocket|kali|kylin|pardus|rhcos|xandros|euler|fusionos|nixos|vyos/,
  ],
];

/** The ids of CIM_OperatingSystem.OsType that belong to a family. */
const IDS: readonly (readonly [OsFamily, readonly (number | readonly [number, number])[]])[] = [
  ['macos', [2, 57]],
  ['windows', [[15, 19], 58, 63, 67, [69, 77], 103, 105, [111, 118]]],
  ['solaris', [29, 30, 81]],
  ['bsd', [41, 42, 43, 65, 78]],
  ['linux', [36, 79, 80, [82, 87], [89, 101], [106, 109]]],
];

/**
 * Returns the family of an operating system: by VMware's name, VirtualBox's, the description and the id, the first
 * that belongs to one, as exporters write wrong ids. `other` if none does, null if nothing is said.
 */
export function familyOf(os: OperatingSystem | null): OsFamily | null {
  if (os === null) return null;
  const names = [os.vmwOsType, os.vboxOsType, os.description].filter((name) => name !== null);
  for (const name of names) {
    const text = name.toLowerCase().replaceAll('_', ' ');
    const family = NAMES.find(([, pattern]) => pattern.test(text))?.[0];
    if (family !== undefined) return family;
  }
  const { id } = os;
  if (id === null) return names.length === 0 ? null : 'other';
  const byId = IDS.find(([, ids]) =>
    ids.some((at) => (typeof at === 'number' ? at === id : at[0] <= id && id <= at[1])),
  );
  return byId?.[0] ?? (id === 0 && names.length === 0 ? null : 'other');
}
