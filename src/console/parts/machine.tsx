import { counted } from '../../domain/text/counted.js';
import { sizeText } from './size.js';

/** The hardware that a machine asks for; null is what its descriptor doesn't say. */
export interface Hardware {
  readonly cpus: number | null;
  readonly memory_mib: number | null;
  readonly disk_count: number | null;
  readonly capacity_bytes: number | string | null;
}

/** The hardware in short: "4 CPUs, 8 GiB, 2 disks (40 GiB)". */
export function Machine({ hardware }: { readonly hardware: Hardware | null }) {
  const text = hardware === null ? '' : machineText(hardware);
  return text === '' ? <span class="none">–</span> : <span>{text}</span>;
}

/** Returns the hardware as words, of which no number is parted from its unit; an empty text if nothing is known. */
export function machineText({
  cpus,
  memory_mib: memory,
  disk_count: disks,
  capacity_bytes: capacity,
}: Hardware): string {
  const room = capacity === null ? '' : `\u00a0(${sizeText(Number(capacity))})`;
  return [
    ...(cpus === null ? [] : [counted(cpus, 'CPU')]),
    ...(memory === null ? [] : [sizeText(memory * 1_024 ** 2)]),
    ...(disks === null ? [] : [counted(disks, 'disk') + (disks === 0 ? '' : room)]),
  ]
    .map((part) => part.replaceAll(' ', '\u00a0'))
    .join(', ');
}
