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

/** A descriptor that says something of everything. */
export const FULL_OVF = sampleOvf({
  files: [{ href: 'disk.vmdk', size: 3000 }],
  sections: `
    <DiskSection><Disk ovf:diskId="d1" ovf:fileRef="file0" ovf:capacity="20" ovf:capacityAllocationUnits="byte * 2^30"/></DiskSection>
    <NetworkSection><Network ovf:name="lan"/></NetworkSection>
    <DeploymentOptionSection>
      <Configuration ovf:id="small"><Label>Small</Label></Configuration>
      <Configuration ovf:id="large" ovf:default="true"><Label>Large</Label></Configuration>
    </DeploymentOptionSection>`,
  inSystem: `
    <EulaSection><License>Terms</License></EulaSection>
    <AnnotationSection><Annotation>A web server</Annotation></AnnotationSection>
    <ProductSection ovf:class="com.example">
      <Product>Web Server</Product><Vendor>Example</Vendor><Version>2</Version><FullVersion>2.1 build 7</FullVersion>
      <ProductUrl>https://example.org/</ProductUrl>
      <Property ovf:key="host" ovf:type="string" ovf:userConfigurable="true" ovf:value="web"><Label>Host name</Label></Property>
      <Property ovf:key="secret" ovf:type="string" ovf:password="true" ovf:value="hunter2"/>
    </ProductSection>
    <OperatingSystemSection ovf:id="94" ovf:version="24.04" vmw:osType="ubuntu64Guest">
      <Description>Ubuntu Linux (64-bit)</Description><vbox:OSType>Ubuntu_64</vbox:OSType>
    </OperatingSystemSection>`,
  items: `
    <System><vssd:VirtualSystemType>vmx-19 vmx-20</vssd:VirtualSystemType></System>
    ${item({ InstanceID: 1, ResourceType: 3, VirtualQuantity: 1 })}
    ${item({ InstanceID: 1, ResourceType: 3, VirtualQuantity: 4 }, 'ovf:configuration="large"')}
    ${item({ InstanceID: 2, ResourceType: 4, AllocationUnits: 'byte * 2^20', VirtualQuantity: 2048 })}
    ${item({ InstanceID: 3, ResourceType: 17, HostResource: 'ovf:/disk/d1' })}
    ${item({ InstanceID: 4, ResourceType: 10, Connection: 'lan' })}
    <vmw:Config vmw:key="firmware" vmw:value="efi"/>
    <vmw:Config vmw:key="bootOptions.efiSecureBootEnabled" vmw:value="true"/>`,
});
