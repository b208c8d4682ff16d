/** A number, or its decimal digits where it is beyond 2^53 and a number would round it. */
export type Quantity = number | string;

/** The operating system of a virtual machine, in the words of those who exported it; null where they say nothing. */
export interface OperatingSystem {
  /** The id that CIM_OperatingSystem.OsType gives it. Exporters often choose a wrong one. */
  readonly id: number | null;
  readonly description: string | null;
  readonly version: string | null;
  /** `vmw:osType`, such as `ubuntu64Guest`. */
  readonly vmwOsType: string | null;
  /** `vbox:OSType`, such as `Ubuntu_64`. */
  readonly vboxOsType: string | null;
}

export const OS_FAMILIES = ['linux', 'windows', 'bsd', 'solaris', 'macos', 'other'] as const;
export type OsFamily = (typeof OS_FAMILIES)[number];

/** A file that the descriptor refers to. */
export interface ReferencedFile {
  /** As it stands there: percent-encoded, relative to the descriptor. */
  readonly href: string;
  readonly size: Quantity | null;
  readonly compression: string | null;
  /** The file is stored in parts of this size, named `href.000000000` and so on; null if it is whole. */
  readonly chunkSize: Quantity | null;
}

/** A setting that is asked for when the image is deployed. */
export interface DeployProperty {
  /** `[class.]key[.instance]`. */
  readonly key: string;
  readonly type: string | null;
  readonly label: string | null;
  readonly isUserConfigurable: boolean;
  readonly isPassword: boolean;
  /** Never shown for a password, nor for what is one by its type or by a mark of VMware's own. */
  readonly defaultValue: string | null;
}

/** One virtual machine of the image. */
export interface VirtualSystem {
  readonly id: string | null;
  readonly name: string | null;
  readonly cpus: number | null;
  readonly memoryMib: number | null;
  readonly nics: number;
  readonly disks: number;
  readonly os: OperatingSystem | null;
}

/**
 * What an OVF descriptor (DSP0243) says, as a deployer gets it by default: its default configuration, all systems
 * together. null is what it doesn't say.
 */
export interface Descriptor {
  readonly ovfVersion: string | null;
  readonly name: string | null;
  readonly product: string | null;
  readonly vendor: string | null;
  readonly version: string | null;
  readonly fullVersion: string | null;
  readonly productUrl: string | null;
  readonly os: OperatingSystem | null;
  readonly family: OsFamily | null;
  /** Hardware generations, such as `vmx-10`. */
  readonly hardware: readonly string[];
  readonly cpus: number | null;
  readonly memoryMib: number | null;
  /** Those that are attached to a system; the capacity is null if that of any is unknown. */
  readonly disks: { readonly count: number; readonly capacityBytes: Quantity | null };
  readonly nics: number;
  readonly networks: readonly string[];
  readonly files: readonly ReferencedFile[];
  /** The sizes of `files` together, those without a size left out; null if none has one. */
  readonly downloadBytes: Quantity | null;
  readonly hasEula: boolean;
  readonly annotation: string | null;
  readonly properties: readonly DeployProperty[];
  readonly configurations: readonly { readonly id: string; readonly label: string | null }[];
  readonly defaultConfiguration: string | null;
  readonly firmware: string | null;
  readonly secureBoot: boolean | null;
  readonly systems: readonly VirtualSystem[];
}
