import type { Machine } from './machine.js';
import { seededUuid } from './seeded.js';
import { GRAIN_SIZE_BYTES } from './vmdk.js';

const DISK_FORMAT = 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized';

/** Writes an OVF 1.x descriptor (DMTF DSP0243) of a machine with one disk file and one network card. */
export function makeDescriptor(machine: Machine, disk: { fileName: string; sizeBytes: number }): string {
  const name = escapeXml(machine.name);
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
    xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"
    xmlns:vmw="http://www.vmware.com/schema/ovf">
  <References>
    <File ovf:id="file1" ovf:href="${escapeXml(disk.fileName)}" ovf:size="${disk.sizeBytes}"/>
  </References>
  <DiskSection>
    <Info>Virtual disk information</Info>
    <Disk ovf:diskId="vmdisk1" ovf:fileRef="file1" ovf:capacity="${machine.diskGibibytes}"
        ovf:capacityAllocationUnits="byte * 2^30" ovf:populatedSize="${machine.grains * GRAIN_SIZE_BYTES}"
        ovf:format="${DISK_FORMAT}"/>
  </DiskSection>
  <NetworkSection>
    <Info>The list of logical networks</Info>
    <Network ovf:name="VM Network">
      <Description>The network that the machine is connected to</Description>
    </Network>
  </NetworkSection>
  <VirtualSystem ovf:id="${escapeXml(machine.stem)}">
    <Info>A virtual machine</Info>
    <Name>${name}</Name>
    <OperatingSystemSection ovf:id="${machine.system.cimId}" vmw:osType="${machine.system.vmwareType}">
      <Info>The kind of installed guest operating system</Info>
      <Description>${escapeXml(machine.system.label)}</Description>
    </OperatingSystemSection>
    <VirtualHardwareSection>
      <Info>Virtual hardware requirements</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>${seededUuid(machine.name)}</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>vmx-10</vssd:VirtualSystemType>
      </System>
${hardware(machine).map(renderItem).join('\n')}
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
`;
}

/** Properties of CIM_ResourceAllocationSettingData by name; the schema requires them in alphabetical order. */
type Item = Readonly<Record<string, string | number>>;

/** Lists the hardware. Resource types (CIM_ResourceAllocationSettingData): 3 CPU, 4 memory, 6 SCSI, 10 Ethernet, 17 disk. */
function hardware(machine: Machine): readonly Item[] {
  return [
    {
      AllocationUnits: 'hertz * 10^6',
      Description: 'Number of virtual CPUs',
      ElementName: `${machine.cpus} virtual CPU(s)`,
      InstanceID: 1,
      ResourceType: 3,
      VirtualQuantity: machine.cpus,
    },
    {
      AllocationUnits: 'byte * 2^20',
      Description: 'Memory size',
      ElementName: `${machine.memoryMebibytes} MB of memory`,
      InstanceID: 2,
      ResourceType: 4,
      VirtualQuantity: machine.memoryMebibytes,
    },
    {
      Address: 0,
      Description: 'SCSI controller',
      ElementName: 'SCSI controller 0',
      InstanceID: 3,
      ResourceSubType: 'lsilogic',
      ResourceType: 6,
    },
    {
      AddressOnParent: 0,
      ElementName: 'Hard disk 1',
      HostResource: 'ovf:/disk/vmdisk1',
      InstanceID: 4,
      Parent: 3,
      ResourceType: 17,
    },
    {
      AddressOnParent: 7,
      AutomaticAllocation: 'true',
      Connection: 'VM Network',
      Description: 'VmxNet3 Ethernet adapter',
      ElementName: 'Network adapter 1',
      InstanceID: 5,
      ResourceSubType: 'VmxNet3',
      ResourceType: 10,
    },
  ];
}

function renderItem(item: Item): string {
  const properties = Object.entries(item).map(([name, value]) => `        <rasd:${name}>${value}</rasd:${name}>`);
  return ['      <Item>', ...properties, '      </Item>'].join('\n');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
