/** Options of a sample descriptor. */
export interface SampleOptions {
  readonly files?: readonly { readonly href: string; readonly size?: number; readonly chunkSize?: number }[];
  /** Elements that are put into the envelope, before the system. */
  readonly sections?: string;
  /** Elements that are put into the system, before its hardware. */
  readonly inSystem?: string;
  readonly items?: string;
  readonly name?: string;
}

/** Writes an OVF 1 descriptor of one system, as exporters do. */
export function sampleOvf({
  files = [],
  sections = '',
  inSystem = '',
  items = '',
  name = 'Web',
}: SampleOptions = {}): string {
  const references = files.map(({ href, size, chunkSize }, index) => {
    const sizes = `${size === undefined ? '' : ` ovf:size="${size}"`}${chunkSize === undefined ? '' : ` ovf:chunkSize="${chunkSize}"`}`;
    return `<File ovf:href="${href}" ovf:id="file${index}"${sizes}/>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
  xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"
  xmlns:vmw="http://www.vmware.com/schema/ovf" xmlns:vbox="http://www.virtualbox.org/ovf/machine"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <References>${references.join('')}</References>
  ${sections}
  <VirtualSystem ovf:id="web">
    <Name>${name}</Name>
    ${inSystem}
    <VirtualHardwareSection>${items}</VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
`;
}

/** Writes an item of hardware: `item({ ResourceType: 3, VirtualQuantity: 2 })`. */
export function item(values: Readonly<Record<string, string | number>>, attributes = ''): string {
  const children = Object.entries(values).map(([key, value]) => `<rasd:${key}>${value}</rasd:${key}>`);
  return `<Item${attributes === '' ? '' : ` ${attributes}`}>${children.join('')}</Item>`;
}
